import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBRecord, AttributeValue as StreamedValue } from "aws-lambda";
import { type Item, itemSchema } from "../table/item.ts";
import type { Change } from "./stage.ts";

/**
 * The change that a stream record tells; undefined for a removal, which nothing follows from.
 *
 * @throws ZodError for an image that is no item of ours.
 */
export function changeOf({ eventName, dynamodb }: DynamoDBRecord): Change | undefined {
  const item = itemOf(dynamodb?.NewImage);
  if (eventName === "REMOVE" || item === undefined) return undefined;
  return { item, previous: itemOf(dynamodb?.OldImage) };
}

type Image = Record<string, StreamedValue>;

function itemOf(image: Image | undefined): Item | undefined {
  return image && itemSchema.parse(unmarshall(asSdkImage(image)));
}

/** Lambda's type and the SDK's say the same of an image, but for binary values, which we never store. */
function asSdkImage(image: Image): Record<string, AttributeValue> {
  return image as Record<string, AttributeValue>;
}

import { marshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";

type Attributes = Record<string, unknown>;

/** A record as the stream delivers it; numbered so that failures can name it. */
export function recordOf(number: number, image: Attributes | undefined, before?: Attributes): DynamoDBRecord {
  const { pk, sk } = image ?? before ?? {};
  return {
    eventID: `record-${number}`,
    eventName: image === undefined ? "REMOVE" : before === undefined ? "INSERT" : "MODIFY",
    dynamodb: {
      SequenceNumber: String(number),
      Keys: imageOf({ pk, sk }),
      ...(image !== undefined && { NewImage: imageOf(image) }),
      ...(before !== undefined && { OldImage: imageOf(before) }),
    },
  };
}

/** Over JSON, as Lambda passes it. */
function imageOf(attributes: Attributes): NonNullable<NonNullable<DynamoDBRecord["dynamodb"]>["NewImage"]> {
  return JSON.parse(JSON.stringify(marshall(attributes)));
}

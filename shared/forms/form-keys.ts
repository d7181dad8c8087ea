import type { Key } from "../table/item.ts";

/** The key of a form. */
export function formKey(formId: string): Key {
  return { pk: `FORM#${formId}`, sk: "FORM" };
}

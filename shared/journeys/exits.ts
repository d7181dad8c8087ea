import type { Step } from "./step.ts";

/** The steps that may follow a step, each with the pointer of the member that names it. */
export function exitsOf(step: Step): readonly { readonly pointer: string; readonly next: string }[] {
  switch (step.type) {
    case "end":
      return [];
    case "branch":
      return [
        ...step.branches.map(({ next }, at) => ({ pointer: `/branches/${at}/next`, next })),
        { pointer: "/otherwise", next: step.otherwise },
      ];
    case "split":
      return step.variants.map(({ next }, at) => ({ pointer: `/variants/${at}/next`, next }));
    case "waitUntilDate":
      return [
        { pointer: "/next", next: step.next },
        ...(step.otherwise === undefined ? [] : [{ pointer: "/otherwise", next: step.otherwise }]),
      ];
    case "waitForEvent":
      return [
        { pointer: "/next", next: step.next },
        { pointer: "/onTimeout", next: step.onTimeout },
      ];
    default:
      return [{ pointer: "/next", next: step.next }];
  }
}

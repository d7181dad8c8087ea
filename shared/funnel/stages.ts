/** Where people stand on their way, in order. */
export const lifecycleStages = ["awareness", "consideration", "decision", "action", "retention"] as const;
export type LifecycleStage = (typeof lifecycleStages)[number];

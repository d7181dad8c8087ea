import { shippedStageRules } from "../../shared/funnel/stage-rules.ts";

/** The rules that move contacts on, as stages are given them. */
export const stageRules = async () => shippedStageRules;

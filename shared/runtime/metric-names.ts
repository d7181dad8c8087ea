/** Metrics that alarms watch; the functions that count and the alarms name them from here. */
export const mailUnknown = "MailUnknown";
export const marketingStopped = "MarketingStopped";
export const bouncesRise = "BouncesRise";
export const runsStandStill = "RunsStandStill";
export const complaintsRise = "ComplaintsRise";
export const reconciliationDiffers = "ReconciliationDiffers";

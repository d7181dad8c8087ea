import { ComparisonOperator, type Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";

export interface ImpactAlarmProps {
  readonly metric: Metric;
  readonly alarmName: string;
  /** One sentence: what it means for people. */
  readonly impact: string;
  /** One sentence: what the operator does about it. */
  readonly remedy: string;
  readonly threshold: number;
  readonly alarms: ITopic;
}

/** An alarm that rings the operator once a metric reaches its threshold, and says what that means for people. */
export function impactAlarm(scope: Construct, id: string, props: ImpactAlarmProps): void {
  props.metric
    .createAlarm(scope, id, {
      alarmName: props.alarmName,
      alarmDescription: `${props.impact} ${props.remedy}`,
      threshold: props.threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
    .addAlarmAction(new SnsAction(props.alarms));
}

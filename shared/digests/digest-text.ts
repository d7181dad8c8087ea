import { longDate } from "../kpis/date-words.ts";
import { chartAlt } from "./chart.ts";
import { againstTarget, type Digest, type DigestLine, pictureDays } from "./digest.ts";
import type { Showing } from "./digest-html.ts";
import {
  alarmsBeside,
  changesOf,
  exceptionsOf,
  expectationWords,
  firstSteps,
  headlineOf,
  methodOf,
  type Outlook,
  outlooksOf,
  paceOf,
  periodOf,
  shapes,
  untoldOf,
} from "./digest-words.ts";

/** The digest as plain text, with everything that the pictures show in words. */
export function digestText(digest: Digest, { accountName, schedule, stopUrl }: Omit<Showing, "pictureUrl">): string {
  const { lines, empty, slice } = digest;
  const untold = untoldOf(digest);
  const trends = empty ? [] : lines.map(({ kpi, days }) => chartAlt(kpi, days));
  const outlooks = outlooksOf(digest).map(outlookWords);
  return [
    `${accountName}: KPIs${slice === undefined ? "" : ` of ${slice.by} ${slice.group}`}, ${longDate(digest.date)}`,
    headlineOf(digest),
    ...exceptionsOf(digest).flatMap((line) => ["", ...exceptionLines(line, digest)]),
    ...(untold === undefined ? [] : ["", untold]),
    ...section("All KPIs", lines.map(sentenceOf), ""),
    ...(empty ? ["", firstSteps] : []),
    ...section("Open alarms", alarmsBeside(digest)),
    ...section("What changed yesterday", changesOf(digest)),
    ...section(`Trends of the last ${pictureDays} days`, trends),
    ...section("Where it is heading", outlooks),
    ...section("How this is counted", methodOf(digest)),
    "",
    `${accountName} sends you this digest ${schedule}.`,
    ...(stopUrl === undefined ? [] : [`Stop this digest: ${stopUrl}`]),
  ].join("\n");
}

function outlookWords({ title, target, end, next, error }: Outlook): string {
  const parts = [
    end && `${end.expected} by the end of ${end.period} (${end.range})`,
    target,
    ...next.map(expectationWords),
    error,
  ];
  return `${title}: ${parts.filter((part) => part !== undefined).join("; ")}`;
}

function section(title: string, items: readonly string[], bullet = "- "): readonly string[] {
  return items.length === 0 ? [] : ["", title, ...items.map((item) => `${bullet}${item}`)];
}

function exceptionLines(line: DigestLine, { alarms }: Pick<Digest, "alarms">): readonly string[] {
  const sentences = [line.cause, ...alarms.filter(({ kpi }) => kpi === line.kpi.id).map(({ sentence }) => sentence)];
  return [sentenceOf(line), ...sentences.flatMap((sentence) => (sentence === undefined ? [] : [`  ${sentence}`]))];
}

function sentenceOf(line: DigestLine): string {
  const details = [paceOf(line), periodOf(line), line.target && `owner ${line.target.owner.name}`];
  const known = details.filter((detail) => detail !== undefined).join("; ");
  return `${shapes[line.status]} ${line.kpi.title}: ${line.status}, ${againstTarget(line)} (${known})`;
}

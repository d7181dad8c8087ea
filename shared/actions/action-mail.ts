import type { PreparedContent } from "../email/mail-message.ts";
import { html } from "../http/html.ts";
import type { Action } from "./action.ts";

/** What the owner of an action is told once its due day has come. */
export function reminderMail(action: Action, today: string): PreparedContent {
  const { what, dueOn, origin, notes, id } = action;
  const when = dueOn === today ? "Due today" : `Was due on ${dueOn}`;
  const from =
    origin.kind === "theme"
      ? `From the theme ${origin.theme}, ${origin.period} of ${origin.start}.`
      : `Promised in the review ${origin.review}.`;
  const how = `Mark it as done, or move it, by PUT /v1/actions/${id}. You are reminded once for each due day.`;
  return {
    subject: `${when}: ${what.replaceAll(/\s+/g, " ").slice(0, 120)}`,
    text: [what, "", `${when}. ${from}`, ...(notes === "" ? [] : ["", notes]), "", how].join("\n"),
    html: html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${when}</title></head>
<body style="margin:0;padding:20px 16px;background:#ffffff;color:#1f2933;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<div style="max-width:600px;margin:0 auto">
<h1 style="font-size:19px;line-height:1.3;margin:0 0 16px">${what}</h1>
<p>${when}. ${from}</p>
${notes === "" ? "" : html`<p style="white-space:pre-line">${notes}</p>`}
<p style="color:#52606d;font-size:13px">${how}</p>
</div></body></html>`.toString(),
    images: [],
  };
}

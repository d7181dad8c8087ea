import type { Survey } from "../../surveys/survey.ts";
import { surveyMailOf } from "../../surveys/survey-mail.ts";
import { type MergeValues, renderMail, type TemplateMail, UnsendableError } from "../render.ts";
import { exampleSurveyUrl, exampleValues } from "./example.ts";
import type { Template } from "./template.ts";

/** A mail as it would look, or why it would not be sent. */
export type MailPreview =
  | (TemplateMail & { readonly skipped: null })
  | (Readonly<Record<keyof TemplateMail, null>> & { readonly skipped: string });

export interface PreviewOccasion {
  readonly person: Pick<MergeValues, "firstName" | "contact" | "locale">;
  readonly house: { readonly publicName: string; readonly postalAddress: string };
  readonly data: Readonly<Record<string, unknown>>;
  /** Of a template that names one; without it, an example's. */
  readonly survey?: Survey | undefined;
}

/**
 * A template as a person would get it. The signed links are an example's, so that whoever reads along cannot act for the
 * contact.
 */
export function previewMail(template: Template, { person, house, data, survey }: PreviewOccasion): MailPreview {
  const { firstName, contact, locale } = person;
  const stopped = template.stream === "marketing" ? {} : { unsubscribeUrl: "", preferencesUrl: "" };
  const surveyed = survey && { survey: surveyMailOf(survey, exampleSurveyUrl, locale) };
  const values = { ...exampleValues, firstName, contact, locale, ...house, ...stopped, ...surveyed };
  try {
    return { ...renderMail(template, values, data), skipped: null };
  } catch (error) {
    if (!(error instanceof UnsendableError)) throw error;
    return skippedPreview(error.message);
  }
}

/** The preview of a mail that is not sent, and why. */
export function skippedPreview(reason: string): MailPreview {
  return { subject: null, preheader: null, html: null, text: null, skipped: reason };
}

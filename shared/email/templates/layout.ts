/**
 * The frame of every mail: tables for layout (Outlook), at most 600 px, one column, system fonts, colours that hold in
 * light and dark. Liquid; `body` is rendered already, everything else is escaped.
 */
export const htmlLayout = `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{ subject }}</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background-color: #16181b !important; }
  .card { background-color: #22252a !important; }
  .card, .card p, .card h1 { color: #f2f3f5 !important; }
  .foot, .foot a { color: #b4bac4 !important; }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background-color:#f2f3f5">
<div style="display:none;max-height:0;overflow:hidden">{{ preheader }}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#f2f3f5">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px">
<tr><td class="card" style="padding:32px;border-radius:8px;background-color:#ffffff;color:#1d2129;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5">
{{ body | raw }}
</td></tr>
<tr><td class="foot" style="padding:20px 32px;color:#5a6270;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:13px;line-height:1.5">
<p style="margin:0 0 8px">{{ why }}</p>
{% if unsubscribeUrl != "" %}<p style="margin:0 0 8px"><a href="{{ unsubscribeUrl }}" ses:no-track style="color:#5a6270;text-decoration:underline">Unsubscribe</a> from these mails, or <a href="{{ preferencesUrl }}" ses:no-track style="color:#5a6270;text-decoration:underline">choose what you get</a>.</p>
{% endif %}<p style="margin:0">{{ publicName }}, {{ postalAddress }}</p>
</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;

/** The same frame in plain text. */
export const textLayout = `{{ body }}

--
{{ why }}
{% if unsubscribeUrl != "" %}Unsubscribe: {{ unsubscribeUrl }}
Choose what you get: {{ preferencesUrl }}
{% endif %}{{ publicName }}, {{ postalAddress }}
`;

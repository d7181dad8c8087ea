import type { DevelopmentUser } from "./oidc-users.ts";

/** The sign-in page: one button for each development user, no password. */
export function signInPage(users: readonly DevelopmentUser[], action: string): string {
  const buttons = users.map(
    (user) => `
      <li>
        <button name="username" value="${escapeHtml(user.username)}">
          <strong>${escapeHtml(user.name)}</strong>
          <span>${escapeHtml(user.email)}${user.groups.length > 0 ? ` · group ${escapeHtml(user.groups.join(", "))}` : ""}</span>
        </button>
      </li>`,
  );
  return page(
    "Sign in",
    `<p>These users exist only on this machine. Choose one to sign in; there is no password.</p>
    <form method="post" action="${escapeHtml(action)}"><ul>${buttons.join("")}</ul></form>`,
  );
}

/** What the bare address shows. */
export function welcomePage(issuer: string, users: readonly DevelopmentUser[]): string {
  const items = users.map((user) => `<li>${escapeHtml(user.username)} — ${escapeHtml(user.email)}</li>`);
  return page(
    "Development sign-in",
    `<p>This stands for the user pool. An application sends people here to sign in as one of:</p>
    <ul>${items.join("")}</ul>
    <p>Configuration: <a href="/.well-known/openid-configuration">${escapeHtml(issuer)}/.well-known/openid-configuration</a></p>`,
  );
}

/** What went wrong. */
export function messagePage(title: string, message: string): string {
  return page(title, `<p>${escapeHtml(message)}</p>`);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title}</title>
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff; }
      ul { list-style: none; padding: 0; }
      button { display: block; width: 100%; margin: .5rem 0; padding: .75rem 1rem; text-align: left; font: inherit;
        border: 1px solid #767676; border-radius: .5rem; background: #fff; cursor: pointer; }
      button:hover, button:focus-visible { background: #eef4ff; outline: 2px solid #1a56db; }
      button span { display: block; color: #4a4a4a; }
      @media (prefers-color-scheme: dark) {
        body, button { color: #eef1f5; background: #12151a; }
        button:hover, button:focus-visible { background: #1c2530; outline-color: #8fbcf5; }
        button span { color: #aab3bf; }
        a { color: #8fbcf5; }
      }
    </style>
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      ${body}
    </main>
  </body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

interface Page {
  readonly status: number;
  /** Where it sends the browser to. */
  readonly location: string;
  readonly body: string;
}

/** The little of a browser that a sign-in needs: cookies, forms, and redirects that are looked at. */
export function createBrowser() {
  const cookies = new Map<string, string>();

  async function call(url: string, init: RequestInit): Promise<Page> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    return {
      status: response.status,
      location: location === null ? "" : new URL(location, url).href,
      body: await response.text(),
    };
  }

  return {
    get: (url: string) => call(url, {}),
    post: (url: string, form: Record<string, string>) => call(url, { method: "POST", body: new URLSearchParams(form) }),
  };
}

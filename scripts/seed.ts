import { parseArgs } from "node:util";
import { sampleForm, sampleSegments, sampleTargets } from "./sample.ts";
import { connectToStack } from "./stack.ts";

const help = `Puts one sample form, three KPI targets and the ready-made segments into a system that has none. What is there already stays as it is.

  node scripts/seed.ts                                            the local host (LOCAL_CONTROL_URL, else port 4000)
  node scripts/seed.ts --staff-url https://… --token eyJ…         a deployed stack, with an administrator's access token
  node scripts/seed.ts --bare                                     the form and the targets only
`;

const { values } = parseArgs({
  options: {
    "staff-url": { type: "string" },
    token: { type: "string" },
    bare: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  },
});

/** Puts to the staff API. */
type Put = (path: string, body: unknown) => Promise<Response>;

if (values.help) {
  console.log(help);
} else if (values["staff-url"] !== undefined && values.token !== undefined) {
  const { "staff-url": url, token } = values;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  await seed((path, body) => fetch(`${url}${path}`, { method: "PUT", headers, body: JSON.stringify(body) }));
} else {
  const stack = await connectToStack(process.env.LOCAL_CONTROL_URL);
  await seed((path, body) => stack.staff("admin", "PUT", path, { body }));
  console.log(`Console          ${stack.consoleUrl}`);
  console.log(`Sample form      ${stack.publicUrl}/f/${sampleForm.id}`);
  console.log(`API reference    ${stack.publicUrl}/docs`);
}

async function seed(put: Put): Promise<void> {
  const wanted = [
    { path: `/v1/forms/${sampleForm.id}`, body: sampleForm.definition },
    ...(values.bare ? [] : sampleSegments).map(({ id, ...definition }) => ({
      path: `/v1/segments/${id}`,
      body: definition,
    })),
    ...sampleTargets.map(({ kpi, period, definition }) => ({ path: `/v1/targets/${kpi}/${period}`, body: definition })),
  ];
  const made: string[] = [];
  for (const { path, body } of wanted) {
    const response = await put(path, body);
    if (response.ok) made.push(path);
    else if (response.status !== 409)
      throw new Error(`PUT ${path} answered ${response.status}: ${await response.text()}`);
  }
  if (made.length > 0)
    console.log(
      `First run: made ${made.length} samples to look at (a form, KPI targets, segments); change them as you like.`,
    );
}

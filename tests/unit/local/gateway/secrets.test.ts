import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateSecretCommand, GetSecretValueCommand, PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSecrets } from "../../../../local/engines/secrets.ts";
import { allow, assemblyOf, functionOf, type Running, secretsManager, startTestGateway } from "./support.ts";

const own = "arn:aws:secretsmanager:us-east-1:000000000000:secret:shop/*";
const keeper = functionOf("keeper", [
  allow(
    ["CreateSecret", "PutSecretValue", "GetSecretValue"].map((action) => `secretsmanager:${action}`),
    [own],
  ),
]);
const reader = functionOf("reader", [allow(["secretsmanager:GetSecretValue"], [own])]);

let directory: string;
let running: Running;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "secrets-"));
  running = await startTestGateway(assemblyOf({ functions: [keeper, reader] }), {}, { directory });
});
afterEach(async () => {
  await running.gateway.close();
  rmSync(directory, { recursive: true });
});

const clientOf = (fn: typeof keeper) =>
  secretsManager({ url: running.gateway.url, credentials: running.gateway.issue(fn) });
const nameOf = (error: unknown) => (error instanceof Error ? error.name : String(error));

it("keeps a secret, gives its current value, and tells what there is not", async () => {
  const client = clientOf(keeper);
  const missing = await client.send(new PutSecretValueCommand({ SecretId: "shop/a", SecretString: "x" })).catch(nameOf);
  expect(missing).toBe("ResourceNotFoundException");
  const created = await client.send(new CreateSecretCommand({ Name: "shop/a", SecretString: "one" }));
  expect(created.ARN).toMatch(/:secret:shop\/a-.{6}$/);
  const again = await client.send(new CreateSecretCommand({ Name: "shop/a", SecretString: "two" })).catch(nameOf);
  expect(again).toBe("ResourceExistsException");
  await client.send(new PutSecretValueCommand({ SecretId: created.ARN, SecretString: "two" }));
  for (const id of ["shop/a", created.ARN]) {
    const { SecretString } = await clientOf(reader).send(new GetSecretValueCommand({ SecretId: id }));
    expect(SecretString).toBe("two");
  }
});

it("lets a role do only what it may, on the secrets that it may", async () => {
  const refused = await clientOf(reader)
    .send(new CreateSecretCommand({ Name: "shop/b", SecretString: "1" }))
    .catch(nameOf);
  expect(refused).toBe("AccessDeniedException");
  const other = await clientOf(keeper)
    .send(new CreateSecretCommand({ Name: "bank/b", SecretString: "1" }))
    .catch(nameOf);
  expect(other).toBe("AccessDeniedException");
  expect(running.gateway.denied().map(({ resource }) => resource.split(":secret:")[1])).toEqual(["shop/b", "bank/b"]);
});

it("meters calls and injects faults", async () => {
  const client = clientOf(keeper);
  await client.send(new CreateSecretCommand({ Name: "shop/c", SecretString: "1" }));
  expect(running.gateway.meter.snapshot().totals.calls).toEqual({ "secretsmanager:CreateSecret": 1 });
  running.gateway.faults.set([{ service: "secretsmanager", kind: "throttle" }]);
  expect(await client.send(new GetSecretValueCommand({ SecretId: "shop/c" })).catch(nameOf)).toBe(
    "ThrottlingException",
  );
});

it("keeps them from start to start in a file that only its owner reads, and nowhere without a folder", async () => {
  await clientOf(keeper).send(new CreateSecretCommand({ Name: "shop/d", SecretString: "kept" }));
  const path = join(directory, "secrets.json");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8")).toContain("kept");
  expect(openSecrets(directory).get("shop/d")?.secretString).toBe("kept");
  expect(openSecrets().get("shop/d")).toBeUndefined();
});

it("refuses what it does not emulate", async () => {
  const client = clientOf(keeper);
  const tagged = new CreateSecretCommand({ Name: "shop/e", SecretString: "1", Tags: [{ Key: "a", Value: "b" }] });
  expect(await client.send(tagged).catch(nameOf)).toBe("InvalidParameterException");
});

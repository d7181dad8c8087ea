import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { choosePorts } from "../../../../local/engines/ports.ts";
import { StartError } from "../../../../local/start-error.ts";

describe("the host's ports", () => {
  it("are all different when any will do", async () => {
    const { apis, ...ports } = await choosePorts("random", 3);
    const all = [...Object.values(ports), ...apis];
    expect(all).toHaveLength(9);
    expect(new Set(all).size).toBe(9);
  });

  it("stand at fixed places above the base", async () => {
    // below the range from which other tests' random ports come
    const control = 23_400;
    const ports = await choosePorts(control, 2);
    expect(ports).toEqual({
      control,
      gateway: control + 1,
      dynamodb: control + 2,
      sqs: control + 3,
      mailbox: control + 5,
      signIn: control + 6,
      apis: [control + 10, control + 11],
    });
  });

  it("that are taken stop the start with the remedy", async () => {
    const squatter = createServer();
    const port = await new Promise<number>((resolve) => {
      squatter.listen(0, "127.0.0.1", () => {
        const address = squatter.address();
        resolve(address !== null && typeof address === "object" ? address.port : 0);
      });
    });
    const attempt = choosePorts(port, 0);
    await expect(attempt).rejects.toThrow(StartError);
    await expect(attempt).rejects.toThrow(
      new RegExp(`Port ${port} is taken: stop what listens there, or move .*--port-base`),
    );
    await new Promise((resolve) => squatter.close(resolve));
  });

  it.each([0, 65_530, 1.5])("do not start at %d", async (base) => {
    await expect(choosePorts(base, 0)).rejects.toThrow(/The port base .* does not work: choose/);
  });
});

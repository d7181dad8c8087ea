import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDataDirectory } from "../../../local/data-directory.ts";

describe("the folder of a host's data", () => {
  const fresh = () => mkdtempSync(join(tmpdir(), "data-"));

  it("remembers how far the clock was ahead", () => {
    const path = fresh();
    const first = openDataDirectory(path);
    expect(first.clockOffsetMs).toBe(0);
    first.keepClockOffset(90_000_000);
    first.release();
    expect(openDataDirectory(path).clockOffsetMs).toBe(90_000_000);
  });

  it("is refused while another host uses it, with the remedy", () => {
    const path = fresh();
    writeFileSync(join(path, "host.pid"), String(process.ppid));
    expect(() => openDataDirectory(path)).toThrow(
      /is in use by the host with process id \d+: stop that one, or take another folder/,
    );
  });

  it.each(["999999999", "", "nonsense"])("is taken over from a host that is gone (%j)", (pid) => {
    const path = fresh();
    writeFileSync(join(path, "host.pid"), pid);
    expect(openDataDirectory(path).path).toBe(path);
  });
});

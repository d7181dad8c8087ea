import { defineConfig } from "vitest/config";

const common = { environment: "node", testTimeout: 20_000, hookTimeout: 60_000 } as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...common,
          name: "unit",
          include: ["tests/unit/**/*.test.ts"],
          globalSetup: ["tests/support/start-engine.ts"],
        },
      },
      {
        test: { ...common, name: "infra", include: ["tests/infra/**/*.test.ts"], testTimeout: 120_000, isolate: false },
      },
      {
        test: {
          ...common,
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          globalSetup: ["tests/support/synthesize.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});

/** Every role but `partner`. */
export const colleagues = ["admin", "manager", "marketer", "sales", "support"] as const;

const staff = { api: "staff", function: "staff", security: "jwt" } as const;

/** What every colleague may read. */
export const staffReads = { ...staff, scopes: ["rapport/read"], roles: colleagues } as const;
/** What marketers and administrators may change. */
export const marketerWrites = { ...staff, scopes: ["rapport/write"], roles: ["admin", "marketer"] } as const;

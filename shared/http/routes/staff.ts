import { contactRoutes } from "./contacts.ts";
import { formRoutes } from "./forms.ts";
import { kpiRoutes } from "./kpis.ts";

/** Every route of the staff API. */
export const staffRoutes = [...contactRoutes, ...formRoutes, ...kpiRoutes] as const;

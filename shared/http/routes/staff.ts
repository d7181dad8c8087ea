import { contactRoutes } from "./contacts.ts";
import { apiKeyRoutes, formRoutes } from "./forms.ts";
import { kpiRoutes } from "./kpis.ts";

/** Every route of the staff API. */
export const staffRoutes = [...contactRoutes, ...formRoutes, ...apiKeyRoutes, ...kpiRoutes] as const;

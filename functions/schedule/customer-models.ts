import { refitCustomerModel } from "../../shared/customers/customer-model-store.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { scheduleHandler } from "../runtime/schedule.ts";

const environment = readEnvironment(environments["customer-models"]);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());

export const handler = scheduleHandler(createLogger("customer-models", environment.LOG_LEVEL), () =>
  refitCustomerModel(table, new Date()),
);

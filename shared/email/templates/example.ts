import { shippedSurveys } from "../../surveys/shipped.ts";
import { surveyMailOf } from "../../surveys/survey-mail.ts";
import type { MergeValues } from "../render.ts";

const picture = "https://shop.example/mug.png";
const lines = [
  {
    name: "Blue mug",
    quantity: 2,
    price: { amount: 1250, currency: "USD" },
    url: "https://shop.example/mug",
    imageUrl: picture,
    productId: "p-1",
    sku: "MUG-B",
  },
];

export const exampleSurveyUrl = "https://shop.example/s/example";
const [exampleSurvey] = shippedSurveys.values();

/** A value for every variable, for checks and for a preview of nobody in particular. */
export const exampleValues: MergeValues = {
  firstName: "Ann",
  contact: {
    email: "ann@example.com",
    lastName: "Example",
    name: "Ann Example",
    company: "Example Ltd",
    jobTitle: "Buyer",
    phone: "+15550100",
    website: "example.com",
    city: "New York",
    country: "US",
    traits: {},
  },
  publicName: "Example Shop",
  postalAddress: "1 Harbour Street, New York",
  unsubscribeUrl: "https://shop.example/u/example",
  preferencesUrl: "https://shop.example/p/example",
  confirmUrl: "https://shop.example/c/example",
  ...(exampleSurvey && { survey: surveyMailOf(exampleSurvey, exampleSurveyUrl, undefined) }),
};

/** What a request could bring. `event.*`, `data.*` and `contact.traits.*` are open: their members cannot be foreseen. */
export const exampleData: Readonly<Record<string, unknown>> = {
  event: {},
  cart: { id: "cart-1", url: "https://shop.example/cart", value: { amount: 2500, currency: "USD" }, products: lines },
  order: { orderId: "order-1", total: { amount: 2500, currency: "USD" }, products: lines },
  offer: { code: "BACK10", text: "10 % off" },
  recommendations: lines,
  formTitle: "Contact",
};

import type { Act } from "../api.ts";
import type { Page } from "../page.ts";
import { type Child, h } from "../tree.ts";
import { count, day, moment, today } from "../words.ts";
import { actionsView, figuresView, promisesView, themesView } from "./gathered.ts";
import { lastOf, stateView } from "./list.ts";
import type { Review } from "./words.ts";

interface Data {
  readonly review: Review;
  /** The reader's own date. */
  readonly today: string;
}

/** One review: how the period went, what was promised, learnt and decided. */
export function reviewPage(id: string): Page<Data> {
  return {
    title: (data) => (data === undefined ? "Review" : `Review of ${data.review.title}`),
    trail: [{ title: "Reviews", place: "/reviews" }],
    refreshSeconds: 60,
    async *load(api) {
      yield { review: await api.get("/v1/reviews/{id}", { id }), today: today() };
    },
    view: ({ review, today }, act) => [
      h("p", { class: "facts" }, stateView(review, today), `${day(review.start)} to ${day(lastOf(review.end))}`),
      section("KPIs against their targets", figuresView(review)),
      section("What people said", themesView(review)),
      section("What was promised the last time", promisesView(review, today)),
      section("What is to be done now", [
        h("div", {}, actionsView(review, today)),
        review.state === "open" && promiseForm(review, act),
      ]),
      review.state === "open" ? openView(review, act) : closedView(review),
    ],
  };
}

function section(title: string, ...content: readonly Child[]): Child {
  return h("section", {}, h("h2", {}, title), content);
}

/** The texts of a form's fields. */
function fieldsOf(event: Event): (name: string) => string {
  event.preventDefault();
  const data = event.target instanceof HTMLFormElement ? new FormData(event.target) : new FormData();
  return (name) => String(data.get(name) ?? "").trim();
}

function openView(review: Review, act: Act): Child {
  const { id, version, learnt, decided } = review;
  const save = (event: Event) => {
    const field = fieldsOf(event);
    const body = { learnt: field("learnt"), decided: field("decided") };
    act((api) => api.send("PUT", "/v1/reviews/{id}", { id }, body, { version }));
  };
  const close = () => act((api) => api.send("POST", "/v1/reviews/{id}/close", { id }, {}, { version }));
  return section(
    "What we make of it",
    h(
      "form",
      { class: "form", submit: save },
      h("label", { for: "learnt" }, "What we have learnt"),
      h("textarea", { id: "learnt", name: "learnt", maxlength: 20_000 }, learnt),
      h("label", { for: "decided" }, "What we have decided"),
      h("textarea", { id: "decided", name: "decided", maxlength: 20_000 }, decided),
      h("button", { type: "submit" }, "Save"),
    ),
    h(
      "details",
      {},
      h("summary", {}, "Close this review"),
      h(
        "p",
        {},
        "It stays as it is then: save first what you have written. Targets that change with the next period are set by POST /v1/reviews/{id}/close.",
      ),
      h("button", { type: "button", click: close }, "Close it, targets stay"),
    ),
  );
}

/** Somebody's promise, which is an action of this review. */
function promiseForm({ id }: Review, act: Act): Child {
  const promise = (event: Event) => {
    const field = fieldsOf(event);
    const form = event.target instanceof HTMLFormElement ? event.target : undefined;
    // A second try, or a second click, enters the same.
    const key = form?.dataset.key ?? crypto.randomUUID();
    if (form !== undefined) form.dataset.key = key;
    const owner = { name: field("owner"), email: field("email") };
    const origin = { kind: "review", review: id } as const;
    const body = { what: field("what"), owner, dueOn: field("dueOn"), origin };
    act(async (api) => {
      await api.send("POST", "/v1/actions", {}, body, { key });
      form?.removeAttribute("data-key");
      form?.reset();
    });
  };
  const input = (name: string, label: string, type = "text") => [
    h("label", { for: name }, label),
    h("input", { id: name, name, type, required: true, autocomplete: "off" }),
  ];
  return h(
    "details",
    {},
    h("summary", {}, "Promise something"),
    h(
      "form",
      { class: "form", submit: promise },
      input("what", "What is to be done"),
      input("owner", "Who does it"),
      input("email", "Their e-mail address, for the reminder", "email"),
      input("dueOn", "By which day", "date"),
      h("button", { type: "submit" }, "Promise it"),
    ),
  );
}

function closedView({ learnt, decided, targets, closedAt, closedBy }: Review): Child {
  const said = (words: string) => h("p", { class: words === "" ? "quiet" : "said" }, words || "Nothing was written.");
  return [
    section("What we learnt", said(learnt)),
    section("What we decided", said(decided)),
    section(
      "Targets from then on",
      targets.length === 0
        ? h("p", { class: "quiet" }, "They stayed as they were.")
        : h(
            "ul",
            { class: "points" },
            targets.map(({ kpi, period, target, group, note }) =>
              h(
                "li",
                {},
                `${kpi}${group === undefined ? "" : ` of ${group}`}, ${period}: ${count(target)}${note === undefined ? "" : `, ${note}`}`,
              ),
            ),
          ),
      closedAt !== null && h("p", { class: "quiet" }, `Closed ${moment(closedAt)} by ${closedBy}.`),
    ),
  ];
}

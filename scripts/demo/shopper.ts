/** How someone shops, and what they make of a mail. */
export type Habit = "regular" | "persuadable" | "undecided" | "lapsing" | "weary";

export interface Shopper {
  readonly email: string;
  readonly index: number;
  readonly habit: Habit;
}

const habits: readonly Habit[] = ["regular", "persuadable", "undecided", "lapsing", "weary"];

export function shopperOf(email: string, index: number): Shopper {
  return { email, index, habit: habits[index % habits.length] ?? "regular" };
}

/** A visit to the shop; `buys` without a cart left behind, or leaves the cart. */
export interface Visit {
  readonly shopper: Shopper;
  readonly day: number;
  readonly cartId: string;
  readonly buys: boolean;
  /** Days until the order is sent back, if one is made. */
  readonly refundedAfter?: number;
}

/** When a shopper comes in the hundred days, and whether they buy. */
export function visitsOf(shopper: Shopper): readonly Visit[] {
  return daysOf(shopper).map(([day, buys], count) => ({
    shopper,
    day,
    buys,
    cartId: `season-${shopper.index}-${count}`,
    ...((shopper.index + count) % 9 === 1 && { refundedAfter: 6 }),
  }));
}

function daysOf({ habit, index }: Shopper): readonly (readonly [day: number, buys: boolean])[] {
  const late = index % 7;
  switch (habit) {
    case "regular":
      return [8 + late, 26 + late, 45 + late, 68 + late, 86 + late].map((day) => [day, true]);
    case "persuadable":
      return [12 + late, 40 + late, 70 + late].map((day) => [day, false]);
    case "undecided":
      return [15 + late, 60 + late].map((day) => [day, false]);
    case "lapsing":
      return [[late % 4, true]];
    case "weary":
      return [20 + late, 50 + late].map((day) => [day, false]);
  }
}

export interface Reaction {
  readonly opens: boolean;
  readonly clicks: boolean;
  readonly orders: boolean;
  readonly unsubscribes: boolean;
}

/** What someone does with a mail of a journey. */
export function reactionTo({ habit, index }: Shopper, journeyId: string, mailsBefore: number): Reaction {
  const carts = journeyId === "abandoned-cart";
  // the first reminder moves one half, the second the other
  const orders =
    (habit === "persuadable" && carts && mailsBefore % 2 === index % 2) ||
    (habit === "lapsing" && journeyId === "win-back");
  const clicks = orders || (habit === "undecided" && mailsBefore % 3 === 0);
  return {
    orders,
    clicks,
    opens: clicks || (index + mailsBefore) % 2 === 0,
    unsubscribes: habit === "weary" && carts && mailsBefore >= 1,
  };
}

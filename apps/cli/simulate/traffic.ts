/**
 * Card traffic as networks send it: purchases of every kind, each a story of messages, on one time line; some of them late,
 * some out of turn, some twice, some never. All of it follows from a seed.
 */
import { Random } from './random.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Merchant {
  readonly name: string;
  /** ISO 18245. */
  readonly category_code: string;
}

interface Told {
  /** Milliseconds after the first message of all. */
  readonly at: number;
  /** Which purchase it is about: a number of the network's own. */
  readonly purchase: number;
  /** Which card, from 0. */
  readonly card: number;
  readonly merchant: Merchant;
  readonly reference: string;
}

export type Message = Told &
  (
    | { readonly kind: 'authorization'; readonly amount: number; readonly partial: boolean }
    | { readonly kind: 'increment' | 'advice' | 'refund'; readonly amount: number }
    /** Without an amount: all that is held. */
    | { readonly kind: 'reversal'; readonly amount?: number }
    | { readonly kind: 'clearing'; readonly amount: number; readonly final: boolean }
    /** Money that the network gives without a purchase. */
    | { readonly kind: 'credit'; readonly amount: number }
  );

type Bare<M = Message> = M extends Message ? Omit<M, keyof Told> : never;

/** A message of a story: when after its beginning, and what. */
type Scene = readonly [after: number, message: Bare];

const authorization = (amount: number, partial = false): Bare => ({ kind: 'authorization', amount, partial });
const clearing = (amount: number, final = true): Bare => ({ kind: 'clearing', amount, final });

interface Story {
  readonly merchants: readonly Merchant[];
  readonly weight: number;
  tell(amount: number, random: Random): readonly Scene[];
}

const at = (name: string, category_code: string): Merchant => ({ name, category_code });

/** What becomes of purchases. Amounts are minor units. */
export const STORIES = {
  shop: {
    merchants: [at('Corner Shop', '5411'), at('Book Shop', '5942')],
    weight: 6,
    tell: (amount, random) => [
      [0, authorization(amount)],
      [random.between(1, 3) * DAY, clearing(amount)],
    ],
  },
  tip: {
    merchants: [at('Old Mill', '5812'), at('City Taxi', '4121')],
    weight: 3,
    tell: (amount, random) => [
      [0, authorization(amount)],
      [DAY, clearing(Math.floor(amount * (1 + random.between(5, 20) / 100)))],
    ],
  },
  fuel: {
    merchants: [at('Ring Road Fuel', '5542')],
    weight: 3,
    // A pump asks for little or for a tankful, and says a minute later what it came to.
    tell: (amount, random) => {
      const asked = random.isChance(0.5) ? 1 : amount * 2;
      return [
        [0, authorization(asked)],
        [3 * MINUTE, { kind: 'advice', amount }],
        [2 * DAY, clearing(amount)],
      ];
    },
  },
  hotel: {
    merchants: [at('Grand Hotel', '7011'), at('Sea Cruises', '4411')],
    weight: 3,
    tell: (amount, random) => {
      const nights = random.between(1, 4);
      const stay: Scene[] = [[0, authorization(amount)]];
      for (let night = 1; night <= nights; night++) {
        stay.push([night * DAY, { kind: 'increment', amount: Math.ceil(amount / 4) }]);
      }
      stay.push([(nights + 1) * DAY, clearing(amount + random.between(0, nights) * Math.ceil(amount / 4))]);
      // The minibar.
      if (random.isChance(0.4)) stay.push([(nights + 9) * DAY, clearing(Math.ceil(amount / 20))]);
      return stay;
    },
  },
  parcels: {
    merchants: [at('Mail Order', '5964')],
    weight: 3,
    tell: (amount, random) => {
      const first = random.between(1, amount);
      return [
        [0, authorization(amount)],
        [DAY, clearing(first, false)],
        [3 * DAY, clearing(Math.max(1, amount - first), random.isChance(0.5))],
      ];
    },
  },
  cancelled: {
    merchants: [at('Shoe Shop', '5661')],
    weight: 2,
    tell: (amount, random) => [
      [0, authorization(amount)],
      [HOUR, random.isChance(0.5) ? { kind: 'reversal' } : { kind: 'reversal', amount: Math.ceil(amount / 2) }],
      ...(random.isChance(0.4) ? [[2 * DAY, clearing(Math.floor(amount / 2) + 1)] as const] : []),
    ],
  },
  forgotten: {
    merchants: [at('Car Hire', '3351'), at('Garage', '7538')],
    weight: 2,
    // Nothing comes until the hold is over; some is cleared all the same, weeks later.
    tell: (amount, random) => [
      [0, authorization(amount)],
      ...(random.isChance(0.5) ? [[random.between(8, 40) * DAY, clearing(amount)] as const] : []),
    ],
  },
  dear: {
    merchants: [at('Jeweller', '5944')],
    weight: 2,
    tell: (amount) => [
      [0, authorization(amount * 10, true)],
      [DAY, clearing(amount * 3)],
    ],
  },
  forced: {
    merchants: [at('Airline', '4511'), at('Toll Road', '4784')],
    weight: 2,
    tell: (amount) => [[0, clearing(amount)]],
  },
  returned: {
    merchants: [at('Clothes Shop', '5651')],
    weight: 3,
    tell: (amount, random) => {
      const back = random.isChance(0.2) ? amount + random.between(1, 200) : random.between(1, amount);
      return [
        [0, authorization(amount)],
        [DAY, clearing(amount)],
        [random.between(5, 120) * DAY, { kind: 'refund', amount: back }],
      ];
    },
  },
  unexpected: {
    merchants: [at('Lottery Office', '7995')],
    weight: 1,
    tell: (amount, random) => [[0, random.isChance(0.5) ? { kind: 'credit', amount } : { kind: 'refund', amount }]],
  },
} as const satisfies Record<string, Story>;

export type StoryName = keyof typeof STORIES;
export const STORY_NAMES = Object.keys(STORIES) as readonly StoryName[];

export interface Traffic {
  readonly seed: number;
  readonly purchases: number;
  readonly cards: number;
  /** Largest purchase, minor units. */
  readonly most: number;
  readonly stories: readonly StoryName[];
  /** Probabilities, of each message: that it comes hours or days late; that it comes twice; that it never comes. */
  readonly late: number;
  readonly doubled: number;
  readonly lost: number;
}

export const ORDINARY = {
  seed: 1,
  purchases: 300,
  cards: 10,
  most: 20_000,
  stories: STORY_NAMES,
  late: 0.1,
  doubled: 0.1,
  lost: 0.05,
} as const satisfies Traffic;

const chosen = (stories: readonly StoryName[], random: Random): Story => {
  const all = stories.map((name): Story => STORIES[name]);
  let left = random.next() * all.reduce((sum, { weight }) => sum + weight, 0);
  for (const story of all) {
    left -= story.weight;
    if (left < 0) return story;
  }
  return random.of(all);
};

/** All messages, in the order in which they come. */
export const messagesOf = (traffic: Traffic): readonly Message[] => {
  const random = new Random(traffic.seed);
  const messages: Message[] = [];
  for (let purchase = 0; purchase < traffic.purchases; purchase++) {
    const begins = random.between(0, 60 * DAY);
    const card = random.between(0, traffic.cards - 1);
    const story = chosen(traffic.stories, random);
    const merchant = random.of(story.merchants);
    const scenes = story.tell(random.between(50, traffic.most), random);
    for (const [i, [after, what]] of scenes.entries()) {
      const reference = `${traffic.seed}-${purchase}-${i}`;
      const delay = random.isChance(traffic.late) ? random.between(HOUR, 4 * DAY) : 0;
      const isLost = random.isChance(traffic.lost);
      const message = { ...what, at: begins + after + delay, purchase, card, merchant, reference } as Message;
      if (!isLost) messages.push(message);
      if (random.isChance(traffic.doubled)) messages.push({ ...message, at: message.at + random.between(1, 10 * DAY) });
    }
  }
  return messages.sort((a, b) => a.at - b.at);
};

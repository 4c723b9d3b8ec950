/** How values are printed: money, dates, clocks, telephone numbers. */
import type { Random } from '../random.ts';

export type MoneyStyle = { readonly decimals: 0 | 2; readonly print: (cents: number) => string };

/** 12345 hundredths -> "123.45", or "123" without decimals: how a thought, an expression and an answer write money. */
export function plainMoney(cents: number, decimals: 0 | 2): string {
  return decimals === 0 ? String(Math.round(cents / 100)) : (cents / 100).toFixed(2);
}

const grouped = (cents: number, decimals: 0 | 2): string =>
  plainMoney(cents, decimals).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

export function moneyStyle(random: Random): MoneyStyle {
  const decimals = random.chance(0.86) ? 2 : 0;
  const number = random.weighted({ dot: 90, comma: decimals === 2 ? 10 : 0 });
  const digits = (cents: number): string =>
    number === 'comma' ? plainMoney(cents, decimals).replace('.', ',') : grouped(cents, decimals);
  const sign = random.weighted({ none: 50, dollar: 26, euroAfter: 8, euroBefore: 6, pound: 7, code: 3 });
  const print: Record<typeof sign, (cents: number) => string> = {
    none: digits,
    dollar: (cents) => `$${digits(cents)}`,
    euroAfter: (cents) => `${digits(cents)} €`,
    euroBefore: (cents) => `€${digits(cents)}`,
    pound: (cents) => `£${digits(cents)}`,
    code: (cents) => `${digits(cents)} EUR`,
  };
  return { decimals, print: print[sign] };
}

/** A price of a thing on a receipt or menu, in hundredths. */
export function price(random: Random, decimals: 0 | 2): number {
  if (decimals === 0) return random.int(1, random.pick([9, 30, 99, 400])) * 100;
  const high = random.pick([9, 9, 20, 60, 250]);
  const cents = random.weighted({ round: 5, nine: 2, any: 3 });
  const whole = random.int(0, high) * 100;
  const part = {
    round: random.pick([0, 20, 25, 50, 75, 80]),
    nine: random.pick([49, 79, 95, 99]),
    any: random.int(0, 99),
  };
  return Math.max(15, whole + part[cents]);
}

const two = (value: number): string => String(value).padStart(2, '0');
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const longMonths =
  'January February March April May June July August September October November December'.split(' ');

export function date(random: Random): string {
  const day = random.int(1, 28);
  const month = random.int(1, 12);
  const year = random.int(2015, 2029);
  return random.pick([
    `${two(day)}/${two(month)}/${year}`,
    `${two(day)}.${two(month)}.${year}`,
    `${year}-${two(month)}-${two(day)}`,
    `${day} ${months[month - 1]} ${year}`,
    `${months[month - 1]} ${day}, ${year}`,
    `${day} ${longMonths[month - 1]} ${year}`,
    `${longMonths[month - 1]} ${day}, ${year}`,
  ]);
}

export function clock(random: Random, low = 0, high = 23): string {
  const hour = random.int(low, high);
  return `${random.chance(0.7) ? two(hour) : String(hour)}:${random.pick(['00', '15', '30', '45', two(random.int(0, 59))])}`;
}

const digits = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random.int(0, 9)).join('');

export function phone(random: Random): string {
  return random.pick([
    `${digits(random, 3)}-${digits(random, 4)}`,
    `${digits(random, 3)}-${digits(random, 3)}-${digits(random, 4)}`,
    `(${digits(random, 3)}) ${digits(random, 3)}-${digits(random, 4)}`,
    `0${digits(random, 2)} ${digits(random, 3)} ${digits(random, 4)}`,
    `+${random.int(1, 99)} ${digits(random, 3)} ${digits(random, 3)} ${digits(random, 3)}`,
    `${digits(random, 3)} ${digits(random, 3)} ${digits(random, 3)}`,
  ]);
}

export function code(random: Random): string {
  const letter = random.pick([...'ABCDEFGHJKLMNPQRSTUVWXYZ']);
  return random.pick([
    `${letter}${random.int(1, 40)}`,
    String(random.int(1, 24)),
    `${random.int(1, 9)}${letter}`,
    String(random.int(100, 420)),
  ]);
}

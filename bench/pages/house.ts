/** A house for both charts: the same beds, the same stays, the same words. */

export interface HouseStay {
  readonly id: string;
  readonly bed: number;
  /** Days from the first one shown, half-open. */
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly sign: number;
}

const FAMILY = ['Bērziņa', 'Kalniņš', 'Ozoliņa', 'Jansons', 'Liepiņa', 'Krūmiņš', 'Zariņa', 'Vītols'];
const GIVEN = ['Anna', 'Jānis', 'Līga', 'Pēteris', 'Dace', 'Andris', 'Ilze', 'Māris'];

/** About 73 % of the nights taken, 14 days a stay, two beds a room, always the same. */
export function house(beds: number, days: number): HouseStay[] {
  let seed = 20_261_121;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const stays: HouseStay[] = [];
  for (let bed = 0; bed < beds; bed += 1) {
    for (let day = -random(14); day < days;) {
      const to = day + 7 + random(15);
      const name = `${FAMILY[random(8)]}, ${GIVEN[random(8)]}`;
      stays.push({ id: `s${stays.length}`, bed, from: day, to, name, sign: random(10) });
      day = to + random(11);
    }
  }
  return stays;
}

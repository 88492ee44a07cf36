import { lodgingScreens } from '../modules/lodging/screens.ts';
import { fleetScreens } from '../modules/fleet/screens.ts';
import { oversightScreens } from '../modules/oversight/screens.ts';
import { peopleScreens } from '../modules/people/screens.ts';
import { workScreens } from '../modules/work/screens.ts';
import { appScreens } from './appScreens.ts';
import type { ScreenDefinition } from './screen.ts';

/**
 * Every screen of the program, in the order of the rail. A module adds its list here:
 * `import { lodgingScreens } from '../modules/lodging/screens.ts'`, then `...lodgingScreens` below. The list is
 * explicit, so that what the program consists of can be read in one place.
 */
export const screens: readonly ScreenDefinition[] = [
  ...lodgingScreens,
  ...peopleScreens,
  ...workScreens,
  ...fleetScreens,
  ...oversightScreens,
  ...appScreens,
];

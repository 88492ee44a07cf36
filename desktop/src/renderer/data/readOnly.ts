/** Why nothing may be changed on this desk now: its leave to work without the service ends soon; its disk is full. */
export type ReadOnly = 'leaseEnding' | 'diskFull';

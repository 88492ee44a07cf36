/** What other modules use of tasks. */
export { ownerText } from './owners.ts';
export { taskTitle } from './taskTitle.ts';

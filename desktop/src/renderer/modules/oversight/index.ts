/** What other modules use of oversight: words for fields and values, the chooser of a conflict, the desk's version. */
export { default as ConflictChooser } from './ConflictChooser.svelte';
export { fieldLabel, isReadable, kindName, valueText } from './fieldWords.ts';
export { keepForm } from './keepForm.svelte.ts';
export { opWord, waitingText } from './opWords.ts';
export { default as WaitingLine } from './WaitingLine.svelte';
export { deskNames, withLabels, type Names } from './names.ts';
export { serviceError } from './serviceError.ts';
export { serviceList } from './serviceList.svelte.ts';
export { watchDesk } from './watchDesk.svelte.ts';
export { actionWord } from './auditWords.ts';
export { auditContent } from './auditEntry.ts';
export { ACCESS_ACTIONS } from './auditFilter.ts';
export * from './valueWords.ts';

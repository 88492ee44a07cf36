import type { Random } from './random.ts';

/** Common names, so that invented people look like people; nobody is meant by a pair of them. */
export type Sex = 'F' | 'M';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const GIVEN: Readonly<Record<Sex, readonly string[]>> = {
  F: words(`
    Anna Agnese Aija Aiga Ausma Baiba Biruta Brigita Dace Daiga Daina Dzidra Dzintra Elīna Elza Ērika
    Evija Gunta Guna Ģertrūde Ieva Ilga Ilze Inese Ināra Ingrīda Irēna Jana Jūlija Karīna Kristīne
    Ķērsta Laima Lāsma Lidija Līga Ludmila Maija Māra Marija Mirdza Monika Ņina Natālija Olga Rasma Rita
    Ruta Rūta Sandra Sanita Santa Sarmīte Silvija Skaidrīte Solvita Svetlana Tatjana Ursula Ūla
    Valentīna Velta Vera Vija Vizma Zane Zenta Zinaīda Žanna Žaklīna Šarlote
  `),
  M: words(`
    Andris Andrejs Aigars Ainārs Aivars Aleksandrs Artūrs Arvīds Ādolfs Ādams Dainis Didzis Dzintars
    Edgars Egils Ēriks Ēvalds Gatis Gunārs Guntis Ģirts Ģederts Harijs Igors Imants Indulis Ivars Īvāns
    Jānis Jēkabs Juris Kārlis Kaspars Krišjānis Ķelpis Laimonis Leonīds Māris Mārtiņš Miķelis Modris
    Ņikita Nikolajs Ojārs Oskars Oļegs Pāvels Pēteris Raimonds Rihards Roberts Rolands Rūdolfs Sergejs
    Staņislavs Šarls Toms Uldis Ūdis Valdis Viktors Vilnis Visvaldis Vladimirs Zigurds Zintis Žanis
    Česlavs Čārlijs
  `),
};

/** Family names in both forms: a man's, a woman's. */
const FAMILY: readonly Readonly<Record<Sex, string>>[] = words(`
  Bērziņš/Bērziņa Kalniņš/Kalniņa Ozoliņš/Ozoliņa Jansons/Jansone Liepiņš/Liepiņa Krūmiņš/Krūmiņa
  Balodis/Balode Eglītis/Eglīte Zariņš/Zariņa Pētersons/Pētersone Vītols/Vītola Kļaviņš/Kļaviņa
  Kārkliņš/Kārkliņa Vanags/Vanaga Šmits/Šmite Rozītis/Rozīte Dzenis/Dzene Gailis/Gaile Lapsa/Lapsa
  Briedis/Briede Ķēniņš/Ķēniņa Ģībietis/Ģībiete Ņikitins/Ņikitina Šķēle/Šķēle Čakste/Čakste
  Ābols/Ābola Ērglis/Ērgle Īvāns/Īvāna Ūdris/Ūdre Žagars/Žagare Grīnbergs/Grīnberga Freimanis/Freimane
  Rudzītis/Rudzīte Saulītis/Saulīte Sproģis/Sproģe Puriņš/Puriņa Strautiņš/Strautiņa Dūmiņš/Dūmiņa
  Gulbis/Gulbe Irbe/Irbe Mednis/Medne Niedra/Niedra Riekstiņš/Riekstiņa Stūrītis/Stūrīte
  Upenieks/Upeniece Zālītis/Zālīte Apsītis/Apsīte Cīrulis/Cīrule Dārziņš/Dārziņa Fogelis/Fogele
  Hofmanis/Hofmane Jēkabsons/Jēkabsone Kuģis/Kuģe Lācis/Lāce Mežs/Meža Nārūns/Nārūna Ošiņš/Ošiņa
  Pūce/Pūce Siliņš/Siliņa Tīrelis/Tīrele Ulmanis/Ulmane Vētra/Vētra Zvirbulis/Zvirbule Žīgurs/Žīgure
  Ivanovs/Ivanova Vasiļjevs/Vasiļjeva Petrovs/Petrova Smirnovs/Smirnova Kuzņecovs/Kuzņecova
  Volkovs/Volkova Semjonovs/Semjonova Jakovļevs/Jakovļeva Ščerbakovs/Ščerbakova Žukovs/Žukova
  Kozlovskis/Kozlovska Kazlauskis/Kazlauska Višņevskis/Višņevska Baranovskis/Baranovska
`).map((pair) => {
  const [man = pair, woman = man] = pair.split('/');
  return { M: man, F: woman };
});

export interface PersonName {
  readonly familyName: string;
  readonly givenName: string;
}

/** A name with the ending of its sex; about one family name in thirty is a double one. */
export function inventName(random: Random, sex: Sex): PersonName {
  const first = random.pick(FAMILY);
  const second = random.chance(1 / 30) ? random.pick(FAMILY) : first;
  const familyName = second === first ? first[sex] : `${first[sex]}-${second[sex]}`;
  return { familyName, givenName: random.pick(GIVEN[sex]) };
}

const STREETS = words(`
  Brīvības Ģertrūdes Dārza Lielā Jūras Ezera Skolas Stacijas Ūdens Šķūņu Čiekuru Ķekavas Ņemanas
  Īslīces Ābeļu Žagatu
`);
const TOWNS = words(`
  Rīga Jūrmala Jelgava Liepāja Ventspils Daugavpils Rēzekne Valmiera Cēsis Kuldīga Tukums Ogre Madona
  Preiļi Talsi Ķegums Līvāni Alūksne
`);

/** An invented postal address. */
export function inventAddress(random: Random): string {
  const house = `${random.pick(STREETS)} iela ${random.int(1, 120)}-${random.int(1, 80)}`;
  return `${house}, ${random.pick(TOWNS)}, LV-${random.int(1000, 5700)}`;
}

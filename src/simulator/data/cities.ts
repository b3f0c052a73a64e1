/** A place for invented sites. */
export interface City {
  name: string;
  /** ISO 3166-1 alpha-3, as `Location.country` has it. */
  country: string;
  latitude: number;
  longitude: number;
  postal: string;
  timeZone: string;
  streets: readonly string[];
}

const german = ['Bahnhofstraße', 'Goethestraße', 'Am Markt', 'Industriering', 'Lindenallee'];
const dutch = ['Stationsweg', 'Kerkstraat', 'Havenkade', 'Parallelweg', 'Molenlaan'];
const french = ['Rue de la Gare', 'Avenue Jean Jaurès', 'Place de l’Église', 'Quai du Port', 'Rue des Écoles'];
const belgian = ['Stationsstraat', 'Grote Markt', 'Chaussée de Namur', 'Kanaaldok', 'Rue Haute'];

const city = (
  name: string,
  country: string,
  latitude: number,
  longitude: number,
  postal: string,
  timeZone: string,
  streets: readonly string[],
): City => ({ name, country, latitude, longitude, postal, timeZone, streets });

/** Cities by the country code of the party that builds there. */
export const citiesByCountry: Readonly<Record<string, readonly City[]>> = {
  DE: [
    city('Berlin', 'DEU', 52.52, 13.405, '10', 'Europe/Berlin', german),
    city('Hamburg', 'DEU', 53.551, 9.994, '20', 'Europe/Berlin', german),
    city('München', 'DEU', 48.137, 11.575, '80', 'Europe/Berlin', german),
    city('Köln', 'DEU', 50.938, 6.96, '50', 'Europe/Berlin', german),
    city('Leipzig', 'DEU', 51.34, 12.375, '04', 'Europe/Berlin', german),
  ],
  NL: [
    city('Amersfoort', 'NLD', 52.155, 5.387, '38', 'Europe/Amsterdam', dutch),
    city('Groningen', 'NLD', 53.219, 6.567, '97', 'Europe/Amsterdam', dutch),
    city('Breda', 'NLD', 51.589, 4.776, '48', 'Europe/Amsterdam', dutch),
    city('Zwolle', 'NLD', 52.516, 6.083, '80', 'Europe/Amsterdam', dutch),
  ],
  FR: [
    city('Lyon', 'FRA', 45.764, 4.836, '69', 'Europe/Paris', french),
    city('Nantes', 'FRA', 47.218, -1.554, '44', 'Europe/Paris', french),
    city('Lille', 'FRA', 50.629, 3.057, '59', 'Europe/Paris', french),
    city('Besançon', 'FRA', 47.238, 6.024, '25', 'Europe/Paris', french),
  ],
  BE: [
    city('Gent', 'BEL', 51.054, 3.717, '90', 'Europe/Brussels', belgian),
    city('Liège', 'BEL', 50.633, 5.567, '40', 'Europe/Brussels', belgian),
    city('Mechelen', 'BEL', 51.028, 4.48, '28', 'Europe/Brussels', belgian),
  ],
};

/** The map's projection: the world as a unit square, x from west to east, y from north to south. */

const EARTH_CIRCUMFERENCE_KM = 40_075.016_686;

export function mercatorX(longitude: number): number {
  return (180 + longitude) / 360;
}

export function mercatorY(latitude: number): number {
  return (1 - Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)) / Math.PI) / 2;
}

/** How long a kilometre on the ground at a latitude is, in units of the square. */
export function mercatorPerKm(latitude: number): number {
  return 1 / (EARTH_CIRCUMFERENCE_KM * Math.cos((latitude * Math.PI) / 180));
}

/** What a mark on the map means: shape and colour by status, size by deaths, hollow or filled by precision. */

/** The groups of statuses that the map tells apart, in the order in which they are drawn: the last on top. */
export const GROUPS = ['outside', 'excepted', 'undetermined', 'contested', 'alleged'] as const;
export type Group = (typeof GROUPS)[number];

const GROUP_OF: Readonly<Record<string, Group>> = {
  'alleged-violation': 'alleged',
  contested: 'contested',
  undetermined: 'undetermined',
  excepted: 'excepted',
  'exempt-target': 'excepted',
  'outside-time': 'outside',
  'outside-area': 'outside',
  'not-a-clause': 'outside',
  'not-bound': 'outside',
};

/** The group of a finding's status; an incident without a finding is outside all clauses. */
export function groupOf(status: string | null): Group {
  return (status !== null && GROUP_OF[status]) || 'outside';
}

export const SMALLEST_RADIUS = 4;
export const LARGEST_RADIUS = 24;
const RADIUS_PER_ROOT_DEATH = 2;

/** The radius of a mark in pixels. The area grows with the deaths; unknown deaths are drawn small, with a hole. */
export function radiusOf(deaths: number): number {
  if (Number.isNaN(deaths)) return SMALLEST_RADIUS;
  return Math.min(SMALLEST_RADIUS + RADIUS_PER_ROOT_DEATH * Math.sqrt(deaths), LARGEST_RADIUS);
}

const UNCROWDED = 1500;

/**
 * How large marks are drawn, beside their size in the legend: smaller where the whole area is in view, and where so
 * many are in view that they would cover one another and the map.
 */
export function scaleAt(zoom: number, marksInView: number): number {
  const byZoom = Math.min(Math.max(0.55 + (zoom - 6) * 0.15, 0.55), 1);
  const byCrowd = Math.min(Math.max((UNCROWDED / Math.max(marksInView, 1)) ** 0.3, 0.35), 1);
  return byZoom * byCrowd;
}

/** The outline of a group's mark, as an SVG path about the origin, for legends and lists. */
export function outline(group: Group, radius: number): string {
  const r = radius;
  const polygon = (...points: [number, number][]): string =>
    `M${points.map(([x, y]) => `${(x * r).toFixed(2)},${(y * r).toFixed(2)}`).join('L')}Z`;
  switch (group) {
    case 'contested':
      return polygon([0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]);
    case 'undetermined':
      return polygon([0, -1.15], [1.1, 0.85], [-1.1, 0.85]);
    case 'excepted':
      return polygon([-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]);
    default:
      return `M${-r},0a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0Z`;
  }
}

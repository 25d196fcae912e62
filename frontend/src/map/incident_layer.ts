/**
 * The layer that draws incidents, straight on the graphics card.
 *
 * The map library's own layers lay their data out anew whenever a filter changes, which at 100,000 marks is too slow
 * for a slider that plays. Here the columns go to the card once; the window of days, the selection and the colours are
 * uniforms. The library gives shapes other than discs only through images, which at this number are slow as well.
 */

import type { CustomLayerInterface, CustomRenderMethodInput, Map as LibraryMap } from 'maplibre-gl';
import { STRIDE, type Marks, type Window } from './marks';
import { GROUPS } from './symbols';

export type Colour = readonly [red: number, green: number, blue: number];

export interface Look {
  /** One colour for each group, in the order of GROUPS; each from 0 to 1. */
  groups: readonly Colour[];
  halo: Colour;
  selected: Colour;
}

/** Where the shaders read what: the corner of a disc's square, the place, the meaning. */
const CORNER = 0;
const PLACE = 1;
const MEANING = 2;
const FLOAT_BYTES = 4;

const VERTEX = `#version 300 es
precision highp float;
uniform mat4 u_matrix;
uniform vec2 u_viewport;
uniform vec2 u_window;
uniform float u_ratio;
uniform float u_scale;
uniform float u_world;
uniform bool u_discs;
uniform float u_selected;
uniform vec3 u_groups[${GROUPS.length}];
layout(location = ${CORNER}) in vec2 a_corner;
layout(location = ${PLACE}) in vec4 a_place;
layout(location = ${MEANING}) in vec4 a_meaning;
out vec2 v_at;
flat out float v_radius;
flat out float v_reach;
flat out vec3 v_colour;
flat out int v_shape;
flat out int v_flags;
flat out int v_selected;

void main() {
  bool shown = a_meaning.x <= u_window.y && a_meaning.y >= u_window.x;
  bool selected = !u_discs && float(gl_VertexID) == u_selected;
  float mark = max(a_place.w * u_scale, 1.5) * u_ratio;
  float radius = u_discs ? a_place.z * u_world : mark + (selected ? 3.0 * u_ratio : 0.0);
  // A disc no wider than its mark says nothing more.
  if (!shown || (u_discs && radius < mark)) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    gl_PointSize = 0.0;
    return;
  }
  float reach = radius * 1.25 + 3.0 * u_ratio;
  vec4 centre = u_matrix * vec4(a_place.xy, 0.0, 1.0);
  gl_Position = centre + (u_discs ? vec4(a_corner * reach * 2.0 / u_viewport * centre.w, 0.0, 0.0) : vec4(0.0));
  gl_PointSize = 2.0 * reach;
  v_at = a_corner * reach;
  v_radius = radius;
  v_reach = reach;
  v_shape = int(a_meaning.z);
  v_flags = int(a_meaning.w);
  v_colour = u_groups[v_shape];
  v_selected = selected ? 1 : 0;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
uniform bool u_discs;
uniform float u_ratio;
uniform vec3 u_halo;
uniform vec3 u_chosen;
in vec2 v_at;
flat in float v_radius;
flat in float v_reach;
flat in vec3 v_colour;
flat in int v_shape;
flat in int v_flags;
flat in int v_selected;
out vec4 colour;

float outside(int shape, vec2 at, float r) {
  if (shape == 3) return (abs(at.x) + abs(at.y) - 1.2 * r) * 0.7071;
  if (shape == 2) {
    vec2 p = vec2(abs(at.x), -at.y);
    return max(dot(p - vec2(0.0, -1.15 * r), normalize(vec2(2.0, -1.1))), p.y - 0.85 * r);
  }
  if (shape == 1) return max(abs(at.x), abs(at.y)) - 0.9 * r;
  return length(at) - r;
}

vec4 over(vec4 top, vec4 below) {
  return top + below * (1.0 - top.a);
}

vec4 paint(vec3 hue, float share) {
  return vec4(hue, 1.0) * clamp(share, 0.0, 1.0);
}

void main() {
  float edge = u_ratio;
  vec2 at = u_discs ? v_at : (gl_PointCoord * 2.0 - 1.0) * vec2(1.0, -1.0) * v_reach;
  if (u_discs) {
    float d = length(at) - v_radius;
    float turn = fract(atan(at.y, at.x) / 6.2831853 * floor(v_radius / (2.5 * u_ratio)));
    float dash = step(turn, 0.6) * (1.0 - smoothstep(0.4, 1.4, abs(d) / edge));
    colour = over(paint(v_colour, 0.75 * dash), paint(v_colour, d < 0.0 ? 0.07 : 0.0));
    return;
  }
  float d = outside(v_shape, at, v_radius) / edge;
  bool hollow = v_shape == 0 || (v_flags & 1) == 1;
  float body = 1.0 - smoothstep(-0.5, 0.5, d);
  float line = body * smoothstep(-2.4, -1.6, d);
  vec4 inner = hollow ? over(paint(v_colour, line), paint(u_halo, 0.45 * body)) : paint(v_colour, 0.88 * body);
  if ((v_flags & 2) == 2) {
    float hole = 1.0 - smoothstep(-0.5, 0.5, length(at) / edge - 1.4);
    inner = over(paint(hollow ? v_colour : u_halo, hole), inner);
  }
  vec4 ring = v_selected == 1
    ? paint(u_chosen, 1.0 - smoothstep(2.2, 3.0, d))
    : paint(u_halo, 0.9 * (1.0 - smoothstep(0.6, 1.4, d)));
  colour = over(inner, ring);
  if (colour.a < 0.01) discard;
}`;

/** Draws marks; `selected` is the place of one mark in the columns, or -1. */
export class IncidentLayer implements CustomLayerInterface {
  readonly id = 'incidents';
  readonly type = 'custom';
  readonly renderingMode = '2d';

  #map: LibraryMap | null = null;
  #gl: WebGL2RenderingContext | null = null;
  #program: WebGLProgram | null = null;
  #points: Laid | null = null;
  #discs: Laid | null = null;
  #marks: Marks | null = null;
  #window: Window = { first: -Infinity, last: Infinity };
  #look: Look;
  #selected = -1;
  #scale = 1;
  #wide: readonly number[] = [];

  constructor(look: Look) {
    this.#look = look;
  }

  set marks(marks: Marks) {
    this.#marks = marks;
    this.#upload();
  }

  set window(window: Window) {
    this.#window = window;
    this.#map?.triggerRepaint();
  }

  set look(look: Look) {
    this.#look = look;
    this.#map?.triggerRepaint();
  }

  set selected(at: number) {
    this.#selected = at;
    this.#map?.triggerRepaint();
  }

  /** How large marks are drawn, beside their own size. */
  set scale(scale: number) {
    this.#scale = scale;
    this.#map?.triggerRepaint();
  }

  /** The places in the columns of the marks whose disc is drawn in its true size on the ground. */
  set discs(places: readonly number[]) {
    this.#wide = places;
    this.#uploadDiscs();
  }

  onAdd(map: LibraryMap, gl: WebGLRenderingContext | WebGL2RenderingContext): void {
    if (!(gl instanceof WebGL2RenderingContext)) throw new Error('The map needs WebGL 2.');
    this.#map = map;
    this.#gl = gl;
    this.#program = linked(gl);
    // Marks are points, one vertex each: many instances of a square cost some drivers a call each. Discs may be wider
    // than a point can be, and are few.
    this.#points = laid(gl, false);
    this.#discs = laid(gl, true);
    this.#upload();
  }

  onRemove(): void {
    this.#gl?.deleteProgram(this.#program);
    for (const held of [this.#points, this.#discs]) {
      this.#gl?.deleteVertexArray(held?.array ?? null);
      this.#gl?.deleteBuffer(held?.buffer ?? null);
    }
    this.#gl = this.#map = null;
  }

  render(_: unknown, input: CustomRenderMethodInput): void {
    const gl = this.#gl;
    const marks = this.#marks;
    if (!gl || !this.#program || !this.#map || !marks || marks.rows.length === 0 || !this.#points || !this.#discs)
      return;
    const ratio = gl.drawingBufferWidth / Math.max(this.#map.getCanvas().clientWidth, 1);
    const at = (name: string): WebGLUniformLocation | null =>
      this.#program && gl.getUniformLocation(this.#program, name);
    gl.useProgram(this.#program);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.uniformMatrix4fv(at('u_matrix'), false, moved(input.defaultProjectionData.mainMatrix, marks.origin));
    gl.uniform2f(at('u_viewport'), gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.uniform2f(at('u_window'), this.#window.first - marks.firstDay, this.#window.last - marks.firstDay);
    gl.uniform1f(at('u_ratio'), ratio);
    gl.uniform1f(at('u_scale'), this.#scale);
    gl.uniform1f(at('u_world'), 512 * 2 ** this.#map.getZoom() * ratio);
    gl.uniform1f(at('u_selected'), this.#selected);
    gl.uniform3fv(at('u_groups'), this.#look.groups.flat());
    gl.uniform3fv(at('u_halo'), this.#look.halo);
    gl.uniform3fv(at('u_chosen'), this.#look.selected);
    if (this.#wide.length) {
      gl.uniform1i(at('u_discs'), 1);
      gl.bindVertexArray(this.#discs.array);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.#wide.length);
    }
    gl.uniform1i(at('u_discs'), 0);
    gl.bindVertexArray(this.#points.array);
    gl.drawArrays(gl.POINTS, 0, marks.rows.length);
    gl.bindVertexArray(null);
  }

  #upload(): void {
    const gl = this.#gl;
    if (!gl || !this.#marks || !this.#points) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#points.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.#marks.values, gl.STATIC_DRAW);
    this.discs = [];
    this.#map?.triggerRepaint();
  }

  #uploadDiscs(): void {
    const gl = this.#gl;
    const marks = this.#marks;
    if (!gl || !marks || !this.#discs) return;
    const values = new Float32Array(this.#wide.length * STRIDE);
    this.#wide.forEach((place, at) =>
      values.set(marks.values.subarray(place * STRIDE, (place + 1) * STRIDE), at * STRIDE),
    );
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#discs.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    this.#map?.triggerRepaint();
  }
}

interface Laid {
  array: WebGLVertexArrayObject | null;
  buffer: WebGLBuffer | null;
}

/** Prepare a buffer of marks; for discs, each mark is an instance of a square. */
function laid(gl: WebGL2RenderingContext, squares: boolean): Laid {
  const made = { array: gl.createVertexArray(), buffer: gl.createBuffer() };
  gl.bindVertexArray(made.array);
  if (squares) {
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(CORNER);
    gl.vertexAttribPointer(CORNER, 2, gl.FLOAT, false, 0, 0);
  }
  gl.bindBuffer(gl.ARRAY_BUFFER, made.buffer);
  for (const [at, offset] of [
    [PLACE, 0],
    [MEANING, 4],
  ] as const) {
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, 4, gl.FLOAT, false, STRIDE * FLOAT_BYTES, offset * FLOAT_BYTES);
    if (squares) gl.vertexAttribDivisor(at, 1);
  }
  gl.bindVertexArray(null);
  return made;
}

/** The matrix for places relative to an origin: single precision would otherwise shake marks at large scales. */
function moved(matrix: ArrayLike<number>, [x, y]: readonly [number, number]): Float32Array {
  const out = Float32Array.from(matrix);
  for (let row = 0; row < 4; row++)
    out[12 + row] = (matrix[row] ?? 0) * x + (matrix[4 + row] ?? 0) * y + (matrix[12 + row] ?? 0);
  return out;
}

function linked(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) throw new Error('The graphics context was lost.');
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    const logs = gl.getAttachedShaders(program)?.map((shader) => gl.getShaderInfoLog(shader));
    throw new Error(`The incident layer's shaders did not link: ${String(logs)} ${gl.getProgramInfoLog(program)}`);
  }
  return program;
}

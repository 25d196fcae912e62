/**
 * The layer that draws incidents, straight on the graphics card.
 *
 * The map library's own layers lay their data out anew whenever a filter changes, which at 100,000 marks is too slow
 * for a slider that plays. Here the columns go to the card once; the window of days, the selection and the colours are
 * uniforms. The library gives shapes other than discs only through images, which at this number are slow as well.
 */

import type { CustomLayerInterface, CustomRenderMethodInput, Map as LibraryMap } from 'maplibre-gl';
import { STRIDE, type Marks, type Window } from './marks';
import { GROUPS, scaleAt } from './symbols';

export type Colour = readonly [red: number, green: number, blue: number];

export interface Look {
  /** One colour for each group, in the order of GROUPS; each from 0 to 1. */
  groups: readonly Colour[];
  halo: Colour;
  selected: Colour;
}

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
in vec2 a_corner;
in vec4 a_place;
in vec4 a_meaning;
out vec2 v_at;
out float v_radius;
flat out vec3 v_colour;
flat out int v_shape;
flat out int v_flags;
flat out int v_selected;

void main() {
  bool shown = a_meaning.x <= u_window.y && a_meaning.y >= u_window.x;
  bool selected = float(gl_InstanceID) == u_selected;
  float mark = a_place.w * u_scale * u_ratio;
  float radius = u_discs ? a_place.z * u_world : mark + (selected ? 3.0 * u_ratio : 0.0);
  // A disc no wider than its mark says nothing more.
  if (!shown || (u_discs && radius < mark)) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    return;
  }
  float reach = radius * 1.25 + 3.0 * u_ratio;
  vec4 centre = u_matrix * vec4(a_place.xy, 0.0, 1.0);
  gl_Position = centre + vec4(a_corner * reach * 2.0 / u_viewport * centre.w, 0.0, 0.0);
  v_at = a_corner * reach;
  v_radius = radius;
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
in float v_radius;
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
  if (u_discs) {
    float d = length(v_at) - v_radius;
    float turn = fract(atan(v_at.y, v_at.x) / 6.2831853 * floor(v_radius / (2.5 * u_ratio)));
    float dash = step(turn, 0.6) * (1.0 - smoothstep(0.4, 1.4, abs(d) / edge));
    colour = over(paint(v_colour, 0.75 * dash), paint(v_colour, d < 0.0 ? 0.07 : 0.0));
    return;
  }
  float d = outside(v_shape, v_at, v_radius) / edge;
  bool hollow = v_shape == 0 || (v_flags & 1) == 1;
  float body = 1.0 - smoothstep(-0.5, 0.5, d);
  float line = body * smoothstep(-2.4, -1.6, d);
  vec4 inner = hollow ? over(paint(v_colour, line), paint(u_halo, 0.45 * body)) : paint(v_colour, 0.88 * body);
  if ((v_flags & 2) == 2) {
    float hole = 1.0 - smoothstep(-0.5, 0.5, length(v_at) / edge - 1.4);
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
  #array: WebGLVertexArrayObject | null = null;
  #buffer: WebGLBuffer | null = null;
  #marks: Marks | null = null;
  #window: Window = { first: -Infinity, last: Infinity };
  #look: Look;
  #selected = -1;
  #discs = false;

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

  /** Whether each mark's disc is drawn in its true size on the ground. */
  set discs(drawn: boolean) {
    if (drawn === this.#discs) return;
    this.#discs = drawn;
    this.#map?.triggerRepaint();
  }

  onAdd(map: LibraryMap, gl: WebGLRenderingContext | WebGL2RenderingContext): void {
    if (!(gl instanceof WebGL2RenderingContext)) throw new Error('The map needs WebGL 2.');
    this.#map = map;
    this.#gl = gl;
    this.#program = linked(gl);
    this.#array = gl.createVertexArray();
    this.#buffer = gl.createBuffer();
    gl.bindVertexArray(this.#array);
    const corners = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    const corner = gl.getAttribLocation(this.#program, 'a_corner');
    gl.enableVertexAttribArray(corner);
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    for (const [name, offset] of [
      ['a_place', 0],
      ['a_meaning', 16],
    ] as const) {
      const at = gl.getAttribLocation(this.#program, name);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, 4, gl.FLOAT, false, STRIDE * 4, offset);
      gl.vertexAttribDivisor(at, 1);
    }
    gl.bindVertexArray(null);
    this.#upload();
  }

  onRemove(): void {
    this.#gl?.deleteProgram(this.#program);
    this.#gl?.deleteVertexArray(this.#array);
    this.#gl?.deleteBuffer(this.#buffer);
    this.#gl = this.#map = null;
  }

  render(_: unknown, input: CustomRenderMethodInput): void {
    const gl = this.#gl;
    const marks = this.#marks;
    if (!gl || !this.#program || !this.#map || !marks || marks.rows.length === 0) return;
    const ratio = gl.drawingBufferWidth / Math.max(this.#map.getCanvas().clientWidth, 1);
    const at = (name: string): WebGLUniformLocation | null =>
      this.#program && gl.getUniformLocation(this.#program, name);
    gl.useProgram(this.#program);
    gl.bindVertexArray(this.#array);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.uniformMatrix4fv(at('u_matrix'), false, moved(input.defaultProjectionData.mainMatrix, marks.origin));
    gl.uniform2f(at('u_viewport'), gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.uniform2f(at('u_window'), this.#window.first - marks.firstDay, this.#window.last - marks.firstDay);
    gl.uniform1f(at('u_ratio'), ratio);
    gl.uniform1f(at('u_scale'), scaleAt(this.#map.getZoom()));
    gl.uniform1f(at('u_world'), 512 * 2 ** this.#map.getZoom() * ratio);
    gl.uniform1f(at('u_selected'), this.#selected);
    gl.uniform3fv(at('u_groups'), this.#look.groups.flat());
    gl.uniform3fv(at('u_halo'), this.#look.halo);
    gl.uniform3fv(at('u_chosen'), this.#look.selected);
    for (const discs of this.#discs ? [true, false] : [false]) {
      gl.uniform1i(at('u_discs'), Number(discs));
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, marks.rows.length);
    }
    gl.bindVertexArray(null);
  }

  #upload(): void {
    if (!this.#gl || !this.#marks) return;
    this.#gl.bindBuffer(this.#gl.ARRAY_BUFFER, this.#buffer);
    this.#gl.bufferData(this.#gl.ARRAY_BUFFER, this.#marks.values, this.#gl.STATIC_DRAW);
    this.#map?.triggerRepaint();
  }
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

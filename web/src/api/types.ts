// The JSON of the /v1 interface, as the page reads it.

export type Surface = 'home' | 'related' | 'more_ideas' | 'search' | 'visual' | 'explore';

export interface Colour {
  hex: string;
  name?: string;
  share: number;
}

export interface Picture {
  width: number;
  height: number;
  small: string;
  large: string;
  original: string;
  colours?: Colour[];
  placeholder?: string;
}

export type AttributeValue = string | number | boolean | string[];

export interface Item {
  id: string;
  title?: string;
  description?: string;
  categories?: string[];
  tags?: string[];
  attributes?: Record<string, AttributeValue>;
  owner?: string;
  link?: string;
  created?: number;
  picture?: Picture;
}

/** An item as a page of results carries it. */
export interface Card extends Item {
  position: number;
  score?: number;
  why?: string;
  sources?: string[];
  /** Words of the title that matched the search. */
  marks?: string[];
}

export interface PageAnswer {
  request_id: string;
  surface: Surface;
  offset?: number;
  model?: string;
  items: Card[];
  next_cursor?: string;
  corrected?: string;
  notes?: string[];
  /** What a search may ask for beside the items. */
  estimatedTotalHits?: number;
  facetDistribution?: Record<string, Record<string, number>>;
  facetStats?: Record<string, { min: number; max: number }>;
  facetsCut?: string[];
  exhaustiveFacetsCount?: boolean;
  loosened?: string[];
}

/** A card together with the answer that brought it: what events must quote. */
export interface Shown extends Card {
  request: string;
  surface: Surface;
  query?: string;
}

export interface Completion {
  text: string;
  kind: 'query' | 'item' | 'tag' | 'category' | 'board';
  item?: string;
  board?: string;
  picture?: string;
  /** The person searched for it before. */
  mine?: boolean;
}

/** A word to add to a search, and the search that it makes. */
export interface Guide {
  text: string;
  query: string;
  field: string;
  items: number;
  item?: string;
  picture?: string;
}

export interface RelatedSearch {
  text: string;
  kind: 'query' | 'category' | 'tag';
  item?: string;
  picture?: string;
}

/** What a search seems to mean. */
export interface Understood {
  did_you_mean?: { query: string; auto: boolean; confidence: number; items: number; typed_items: number };
  filters: { where: string; start: number; end: number; confidence: number }[];
  relaxed: { query?: string; where?: string[]; kind: string; why: string; items: number }[];
}

export interface Explanation {
  item: string;
  position?: number;
  surface?: Surface;
  why?: string[];
  sources?: { name: string; rank?: number; score?: number; why?: string }[];
  features?: { name: string; value: number; weight: number; contribution: number; meaning?: string }[];
  filters?: { name: string; passed: boolean }[];
  score?: number;
  probability?: number;
  model?: string;
  offset?: number;
  stages?: Record<string, number>;
}

export interface User {
  id: string;
  name?: string;
  boards?: number;
  saves?: number;
}

export interface Board {
  id: string;
  title?: string;
  description?: string;
  owner?: string;
  secret?: boolean;
  items?: number;
  cover?: string[];
  has_item?: boolean;
}

export type EventType =
  | 'impression' | 'closeup' | 'click' | 'save' | 'unsave' | 'hide' | 'unhide' | 'share'
  | 'purchase' | 'search' | 'follow' | 'unfollow' | 'mute' | 'unmute';

export interface EventBody {
  id: string;
  type: EventType;
  time: number;
  user: string;
  item?: string;
  board?: string;
  request?: string;
  position?: number;
  surface?: Surface;
  query?: string;
  subject?: string;
  topic?: string;
  value?: number;
}

export interface EventResult {
  id?: string;
  offset?: number;
  duplicate?: boolean;
  error?: { code: string; message: string; field?: string };
}

/** A rectangle relative to the picture, each number 0..1. */
export interface Crop {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface ModelCard {
  version?: string;
  created?: number | string;
  trainer?: string;
  metrics?: Metrics;
  notes?: string[];
  [field: string]: unknown;
}

export type Metrics = { [name: string]: number | string | boolean | null | Metrics };

export interface Status {
  version?: string;
  offset?: number;
  items?: number;
  live_items?: number;
  users?: number;
  boards?: number;
  events?: Record<string, number>;
  model?: ModelCard | null;
  sources?: (string | { name: string; [field: string]: unknown })[];
  uptime_seconds?: number;
}

export interface Models {
  current?: string;
  models?: ModelCard[];
}

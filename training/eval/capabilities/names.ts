/** Names that the suites ask for: those that the detector found at least 7 times in 10 on training pictures, 2026-11-26. Fixed, so that figures stay comparable. */
// biome-ignore format: word list
export const askedNames: readonly string[] = [
  'alien', 'american football', 'anchor', 'apple', 'baby bottle', 'banknote', 'baseball', 'basketball',
  'bathtub', 'bee', 'beetle', 'bell', 'bird', 'boat', 'bolt', 'bomb', 'boot', 'bowling', 'box', 'bread',
  'briefcase', 'broken heart', 'bus', 'cactus', 'cake', 'calendar', 'candy', 'car', 'castle', 'cat', 'chart',
  'cherry', 'chicken', 'christmas tree', 'cigarette', 'clapperboard', 'clipboard', 'clover', 'cookie', 'cow',
  'crown', 'crystal ball', 'dog', 'dolphin', 'door', 'doughnut', 'dress', 'elephant', 'envelope', 'ferris wheel',
  'fire', 'fire engine', 'fish', 'floppy disk', 'folder', 'fountain', 'french fries', 'fried egg', 'fuel pump',
  'ghost', 'gift', 'graduation cap', 'hamburger', 'handbag', 'hat', 'heart', 'helicopter', 'high heel',
  'hourglass', 'house', 'ice cream', 'jack-o-lantern', 'koala', 'lightning', 'mailbox', 'maple leaf',
  'money bag', 'monkey', 'moon', 'mushroom', 'musical note', 'newspaper', 'office building', 'palette',
  'palm tree', 'party popper', 'peach', 'pear', 'penguin', 'piano', 'pig', 'pill', 'pizza', 'playing card',
  'police car', 'printer', 'rabbit', 'radio', 'rain cloud', 'rainbow', 'ribbon', 'robot', 'rocket', 'sad face',
  'sailboat', 'seedling', 'ship', 'siren', 'skull', 'slot machine', 'smiley', 'snail', 'snake', 'snowflake',
  'snowman', 'squirrel', 'sun', 't-shirt', 'taxi', 'telephone', 'television', 'tent', 'thumbs up', 'tie',
  'tomato', 'tractor', 'traffic light', 'train', 'trousers', 'tulip', 'umbrella', 'victory hand', 'violin',
  'watch', 'water drop', 'watermelon',
];

package synth

// The taxonomy. Words in the order de|fr|es|ja. Shapes: p 2:3, q 3:4, r 4:5,
// s 1:1, t 9:16, l 4:3, m 3:2; a letter given twice is drawn twice as often.
var taxonomy = []group{
	{"home decor", []row{
		{"living rooms", "living room|lounge corner|sofa wall", "Wohnzimmer|salon|salón|リビング", "sofa|cosy corner|gallery wall|soft light", "living room ideas|new flat|cosy home", room, light, 0, -1, "qrsl", paintLiving},
		{"reading nooks", "reading nook|armchair corner|window seat", "Leseecke|coin lecture|rincón de lectura|読書コーナー", "armchair|floor lamp|slow evening|hygge", "reading nook|cosy corners|dream chair", room, anyTone, 320, -1, "pqr", paintNook},
		{"kitchens", "kitchen shelf|open shelf|pantry wall", "Küchenregal|étagère de cuisine|estante de cocina|キッチンの棚", "open shelving|jars|crockery|kitchen styling", "kitchen ideas|kitchen reno|pantry goals", room, light, 0, -1, "qrs", paintShelf},
		{"lighting", "pendant lamp|paper lantern|globe lamp", "Pendelleuchte|suspension|lámpara colgante|ペンダントライト", "warm light|glass shade|dining table|dimmable", "lamps|light it up|dining room", object, anyTone, 340, -1, "pqt", paintLamps},
	}},
	{"ceramics", []row{
		{"vases", "stoneware vase|bud vase|floor vase|amphora", "Keramikvase|vase en céramique|jarrón de cerámica|陶器の花瓶", "wheel-thrown|matte glaze|speckled clay|shelf styling", "vases|pottery love|ceramics wishlist", object, light, 0, -1, "pqr", paintVases},
		{"mugs & bowls", "coffee mug|serving bowl|tea bowl|espresso cup", "Keramikbecher|tasse en céramique|taza de cerámica|マグカップ", "hand-glazed|drip glaze|breakfast table|stoneware", "mugs i need|tableware|pottery class", object, anyTone, 0, -1, "srq", paintMugs},
		{"dried flowers", "dried flower arrangement|pampas bouquet|eucalyptus bunch", "Trockenstrauß|bouquet séché|ramo seco|ドライフラワー", "pampas|everlasting|rustic vase|dried stems", "dried flowers|wedding table|boho corner", object, light, 290, 4, "pqt", paintDried},
		{"plates & tiles", "hand-painted plate|wall plate|ornamental plate", "Wandteller|assiette peinte|plato pintado|絵皿", "hand-painted|plate wall|folk art|majolica", "plate wall|tableware|folk patterns", object, light, 0, -1, "ssr", paintPlate},
	}},
	{"plants", []row{
		{"houseplants", "monstera|rubber plant|potted palm|snake plant", "Zimmerpflanze|plante d'intérieur|planta de interior|観葉植物", "urban jungle|repotting|bright shade|plant care", "plant babies|urban jungle|plant shelf", object, light, 0, -1, "pqr", paintHouseplant},
		{"botanical prints", "botanical print|fern study|leaf drawing|herbarium sheet", "Pflanzendruck|planche botanique|lámina botánica|植物画", "line drawing|herbarium|fern|ink on paper", "botanical wall|tattoo inspo|prints for the hall", printed, light, 0, -1, "pppq", paintBotanical},
		{"wildflowers", "wildflower meadow|poppy field|flower border|cottage garden", "Wildblumenwiese|prairie fleurie|prado de flores|野の花", "poppies|meadow|cottage garden|pollinators", "garden dreams|wildflowers|spring list", scene, light, 150, -1, "pqrl", paintMeadow},
		{"cacti & succulents", "cactus garden|succulent pot|prickly pear", "Kaktus|cactus en pot|cactus en maceta|サボテン", "low water|terracotta pot|desert plants|sunny sill", "cactus club|low-care plants|balcony ideas", object, anyTone, 0, 8, "qrs", paintCactus},
	}},
	{"patterns & textiles", []row{
		{"ditsy florals", "ditsy floral fabric|floral wallpaper|calico print", "Blümchenstoff|tissu liberty|tela de flores|小花柄の生地", "small flowers|cottagecore|dress fabric|wallpaper", "fabric stash|wallpaper ideas|sewing plans", textile, anyTone, 120, -1, "srq", paintDitsy},
		{"ikat & kilim", "ikat weave|kilim rug|woven runner", "Kelimteppich|tapis kilim|alfombra kilim|キリム", "handwoven|diamonds|wool|natural dye", "rugs|textiles i love|boho home", textile, anyTone, 0, 4, "pqr", paintKilim},
		{"gingham & plaid", "gingham cloth|tartan throw|plaid blanket", "Karostoff|tissu vichy|tela de cuadros|ギンガムチェック", "checks|picnic|wool throw|table linen", "picnic|autumn wardrobe|table linen", textile, anyTone, 300, -1, "srq", paintPlaid},
		{"terrazzo", "terrazzo slab|terrazzo pattern|speckled worktop", "Terrazzo-Muster|motif terrazzo|patrón de terrazo|テラゾー柄", "chips|worktop|bathroom floor|playful", "bathroom reno|surfaces|terrazzo everything", textile, anyTone, 0, -1, "srq", paintTerrazzo},
		{"art deco fans", "art deco wallpaper|scallop pattern|fan pattern", "Art-déco-Tapete|papier peint art déco|papel art déco|アールデコ柄", "scallops|gatsby|gold lines|seigaiha", "art deco|powder room|pattern play", textile, anyTone, 0, 5, "qrp", paintFans},
		{"tiles", "encaustic tile|azulejo|star tile", "Zementfliese|carreau de ciment|azulejo|タイル", "bathroom floor|azulejo|hallway|geometric tile", "tiles|bathroom ideas|Lisbon trip", textile, anyTone, 0, -1, "srs", paintTiles},
		{"herringbone", "herringbone weave|chevron blanket|tweed cloth", "Fischgrätstoff|tissu à chevrons|tela de espiga|ヘリンボーン", "tweed|zigzag|parquet|wool", "winter textiles|floors|tailoring", textile, anyTone, 340, -1, "srq", paintHerringbone},
	}},
	{"abstract art", []row{
		{"bauhaus", "bauhaus poster|geometric poster|composition in circles", "Bauhaus-Plakat|affiche bauhaus|cartel bauhaus|バウハウスのポスター", "primary shapes|grid|1923|design history", "bauhaus|poster wall|graphic design", printed, anyTone, 0, 3, "pppq", paintBauhaus},
		{"mid-century shapes", "mid-century print|abstract shapes print|mobile study", "Abstrakter Druck|estampe abstraite|lámina abstracta|ミッドセンチュリーアート", "organic shapes|atomic age|mobile|cut-outs", "mid-century home|wall art|abstract faves", printed, light, 0, 2, "pqr", paintMidCentury},
		{"flow fields", "flow field drawing|generative print|plotter drawing", "Generative Grafik|dessin génératif|dibujo generativo|ジェネラティブアート", "generative art|plotter|creative coding|lines", "creative coding|generative|plotter art", printed, anyTone, 0, -1, "pqrs", paintFlow},
		{"watercolour", "watercolour study|watercolour wash|loose painting", "Aquarell|aquarelle|acuarela|水彩画", "loose wash|wet on wet|soft colour|paper texture", "watercolour practice|soft art|nursery", printed, light, 0, -1, "pqr", paintWatercolour},
		{"arches & rainbows", "boho arch print|rainbow print|sun and arch print", "Boho-Druck|affiche arche|lámina de arcos|アーチのポスター", "arches|sunrise|nursery art|earth tones", "nursery|boho prints|bedroom wall", printed, light, 0, 4, "pqr", paintArches},
		{"op art", "op art print|optical poster|concentric print", "Op-Art-Druck|affiche op art|lámina de op art|オプアート", "optical|stripes|moire|1960s", "op art|black and white wall|graphic stuff", printed, anyTone, 0, -1, "psq", paintOp},
	}},
	{"travel", []row{
		{"coast posters", "seaside poster|harbour poster|coast poster", "Küstenplakat|affiche de bord de mer|cartel de costa|海辺のポスター", "sailing|beach day|vintage travel|lighthouse", "summer by the sea|Amalfi 2027|beach house", printed, light, 200, -1, "pppt", paintCoast},
		{"mountain posters", "alpine poster|national park poster|ski poster", "Alpenplakat|affiche de montagne|cartel de montaña|山のポスター", "hiking|ski season|national park|cabin", "cabin walls|hiking list|Alps trip", printed, anyTone, 20, -1, "pppq", paintAlpine},
		{"desert roads", "desert poster|canyon poster|road trip poster", "Wüstenplakat|affiche du désert|cartel del desierto|砂漠のポスター", "road trip|canyon|joshua tree|heat", "road trip|desert days|van life", printed, anyTone, 0, 8, "pqlm", paintDesert},
		{"old towns", "old town poster|hill town poster|harbour town poster", "Altstadtplakat|affiche de vieille ville|cartel del casco antiguo|旧市街のポスター", "hillside|colourful houses|weekend trip|rooftops", "Lisbon trip|city breaks|honeymoon", printed, light, 0, -1, "pqr", paintTown},
	}},
	{"landscapes", []row{
		{"misty mountains", "misty mountain range|layered ridge|mountain dawn", "Berge im Nebel|montagnes brumeuses|montañas con niebla|霧の山々", "layers|fog|ridge|dawn", "mountains calling|calm places|wallpaper", scene, anyTone, 0, -1, "ptlmq", paintMountains},
		{"seascapes", "seascape|moonlit sea|wave study", "Meereslandschaft|paysage marin|paisaje marino|海の風景", "waves|horizon|sunset|reflection", "ocean|beach mood|blue things", scene, anyTone, 200, -1, "plmqr", paintSea},
		{"forests", "pine forest|winter forest|forest at dusk", "Kiefernwald|forêt de pins|bosque de pinos|松林", "pines|trail|silence|fir trees", "forest walks|cabin life|into the woods", scene, anyTone, 350, -1, "ptqm", paintForest},
		{"great waves", "great wave print|rolling wave|surf print", "Große Welle|grande vague|gran ola|大波", "woodblock|foam|ukiyo-e|surf", "japanese prints|surf|wave tattoo", printed, anyTone, 0, 7, "pqrl", paintWave},
	}},
	{"architecture", []row{
		{"night skylines", "night skyline|city at night|lit tower block", "Skyline bei Nacht|ville de nuit|ciudad de noche|夜景", "city lights|windows|moon|downtown", "city lights|New York someday|night moods", scene, dark, 0, -1, "ptqm", paintSkyline},
		{"facades", "facade|apartment house|balcony front", "Fassade|façade|fachada|ファサード", "windows|shutters|balcony|symmetry", "facades|accidentally symmetrical|street walks", scene, light, 0, -1, "pqr", paintFacade},
		{"arches & stairs", "stairway|arcade|sunlit courtyard", "Treppe|escalier|escalera|階段", "light and shadow|archway|minimal|stucco", "light and shadow|architecture|set design", scene, light, 0, -1, "pqrt", paintStairs},
		{"towers & domes", "domed church|bell tower|mosque at dusk", "Kuppelbau|dôme|cúpula|ドーム建築", "dome|minaret|silhouette|sacred spaces", "places to see|Istanbul|domes", scene, anyTone, 0, -1, "pqrl", paintDomes},
	}},
	{"typography", []row{
		{"quote posters", "quote poster|word print|motto print", "Spruchplakat|affiche citation|cartel con frase|言葉のポスター", "motivation|words|office wall|lettering", "words to live by|office wall|quotes", printed, anyTone, 0, -1, "pqr", paintQuote},
		{"type specimens", "type specimen|alphabet poster|letter study", "Schriftmuster|spécimen de caractères|muestra tipográfica|書体見本", "letterforms|ampersand|grotesque|design school", "type nerd|graphic design|studio wall", printed, anyTone, 0, -1, "ppqs", paintSpecimen},
		{"event posters", "jazz poster|festival poster|gig poster", "Konzertplakat|affiche de concert|cartel de concierto|ジャズのポスター", "jazz|swiss style|gig|festival", "gig posters|swiss style|music room", printed, anyTone, 210, -1, "pppt", paintGig},
	}},
	{"food", []row{
		{"citrus", "citrus print|orange slice print|lemon plate", "Zitrusfrüchte|agrumes|cítricos|シトラス", "oranges|lemons|summer drinks|vitamin c", "summer kitchen|cocktail hour|fruit", food, anyTone, 180, -1, "srq", paintCitrus},
		{"doughnuts & cakes", "glazed doughnut|layer cake|birthday cake", "Torte|gâteau|tarta|ケーキ", "sprinkles|frosting|baking|party table", "baking|birthday ideas|sweet tooth", food, light, 0, -1, "srq", paintCake},
		{"sushi", "sushi platter|maki roll|bento box", "Sushi|plateau de sushis|plato de sushi|寿司", "nigiri|salmon|date night|japanese food", "sushi night|Tokyo food|dinner ideas", food, anyTone, 0, -1, "srql", paintSushi},
		{"coffee", "flat white|coffee table|espresso", "Milchkaffee|café crème|café con leche|カフェラテ", "latte art|slow morning|beans|café", "coffee corner|café hopping|slow mornings", food, anyTone, 300, -1, "srq", paintCoffee},
		{"fruit still lifes", "fruit still life|pear study|bowl of cherries", "Obststillleben|nature morte aux fruits|bodegón de frutas|果物の静物画", "pears|still life|kitchen art|figs", "kitchen art|still life|market day", printed, light, 250, -1, "qrs", paintFruit},
	}},
	{"animals", []row{
		{"cats", "cat portrait|sleepy cat|window cat", "Katzenporträt|portrait de chat|retrato de gato|猫の肖像", "whiskers|black cat|lazy sunday|pet portrait", "cats, obviously|pet portraits|cat tattoo", printed, anyTone, 0, -1, "qrsp", paintCat},
		{"birds", "songbird print|perched bird|heron study", "Vogelbild|oiseau perché|lámina de pájaro|小鳥の絵", "branch|songbird|feathers|birdwatching", "birds|nature journal|feathered friends", printed, light, 110, -1, "pqr", paintBird},
		{"fish", "koi print|fish study|shoal of fish", "Fischdruck|poissons|lámina de peces|魚の絵", "koi|shoal|underwater|scales", "koi tattoo|bathroom art|fish", printed, anyTone, 0, -1, "pqr", paintFish},
		{"foxes", "fox portrait|sleeping fox|forest fox", "Fuchsbild|portrait de renard|retrato de zorro|狐の絵", "woodland|nursery animals|red fox|geometric animal", "foxes|nursery animals|woodland party", printed, anyTone, 300, -1, "qrps", paintFox},
		{"whales", "whale print|humpback study|whale under stars", "Walbild|baleine|lámina de ballena|鯨の絵", "ocean giant|deep sea|kids room|moon", "ocean nursery|whales|blue room", printed, anyTone, 0, -1, "plqr", paintWhale},
	}},
	{"space", []row{
		{"planets", "ringed planet|gas giant|planet poster", "Planet|planète|planeta|惑星", "saturn|orbit|sci-fi|retro space", "space room|sci-fi covers|planets", printed, dark, 0, -1, "pqs", paintPlanet},
		{"moon phases", "moon phase print|full moon|lunar calendar", "Mondphasen|phases de la lune|fases lunares|月の満ち欠け", "lunar|phases|witchy|night sky", "moon things|tattoo inspo|bedroom wall", printed, dark, 0, -1, "ptq", paintMoon},
		{"starry skies", "starry night|milky way|campfire sky", "Sternenhimmel|ciel étoilé|cielo estrellado|星空", "milky way|stargazing|camping|pines", "stargazing|night sky|camping trip", scene, dark, 220, -1, "ptlq", paintStars},
		{"constellations", "constellation map|zodiac chart|star chart", "Sternkarte|carte du ciel|mapa estelar|星座図", "zodiac|astronomy|chart|gold ink", "zodiac|star charts|gift ideas", printed, dark, 0, -1, "pqs", paintConstellation},
	}},
	{"fashion", []row{
		{"sneakers", "sneaker|high-top|running shoe|canvas trainer", "Sneaker|basket|zapatilla|スニーカー", "streetwear|gum sole|retro runner|colourway", "sneaker wishlist|streetwear|kicks", wear, anyTone, 0, -1, "srl", paintSneaker},
		{"dresses", "summer dress|wrap dress|slip dress|pleated dress", "Sommerkleid|robe d'été|vestido de verano|ワンピース", "linen|midi|wedding guest|holiday wardrobe", "wedding guest|summer wardrobe|capsule wardrobe", wear, light, 170, -1, "pqt", paintDress},
		{"bags", "leather bag|tote bag|saddle bag|bucket bag", "Ledertasche|sac en cuir|bolso de cuero|レザーバッグ", "crossbody|everyday bag|vegetable tanned|gold hardware", "bags|work outfits|treat myself", wear, light, 0, -1, "qrs", paintBag},
		{"sunglasses & hats", "straw hat|pair of sunglasses|bucket hat", "Sonnenhut|chapeau de paille|sombrero de paja|麦わら帽子", "beach day|shade|flat lay|holiday packing", "packing list|summer looks|beach bag", wear, light, 190, -1, "srl", paintHat},
	}},
	{"paper & vintage", []row{
		{"book covers", "book cover|paperback cover|novel cover", "Buchumschlag|couverture de livre|cubierta de libro|本の表紙", "paperback|cover design|modernist|to read", "books to read|cover design|paperbacks", printed, anyTone, 330, -1, "ppq", paintBook},
		{"matchbox labels", "matchbox label|vintage label|trade label", "Streichholzetikett|étiquette d'allumettes|etiqueta de fósforos|マッチラベル", "ephemera|letterpress|badge|vintage packaging", "vintage labels|packaging|logo ideas", printed, anyTone, 0, 6, "qrsl", paintMatchbox},
		{"stamps", "postage stamp|stamp sheet|airmail stamp", "Briefmarke|timbre-poste|sello postal|切手", "perforated|philately|airmail|tiny art", "stamps|snail mail|tiny illustrations", printed, light, 0, 6, "rqs", paintStamp},
		{"records", "record sleeve|vinyl cover|lp sleeve", "Plattencover|pochette de disque|funda de vinilo|レコードジャケット", "vinyl|sleeve design|jazz|hi-fi", "music room|vinyl|album art", printed, anyTone, 340, -1, "sss", paintRecord},
	}},
	{"celebrations", []row{
		{"autumn leaves", "autumn wreath|leaf garland|pumpkin table", "Herbstkranz|couronne d'automne|corona de otoño|秋のリース", "maple leaf|pumpkin|harvest|thanksgiving", "autumn|thanksgiving table|fall feels", scene, light, 290, -1, "qrsp", paintAutumn},
		{"winter holidays", "christmas card|fir tree card|bauble print", "Weihnachtskarte|carte de Noël|tarjeta de Navidad|クリスマスカード", "baubles|fir tree|snow|gift wrap", "christmas|advent|gift ideas", printed, anyTone, 350, -1, "pqr", paintWinter},
		{"parties", "birthday card|party poster|balloon bunch", "Geburtstagskarte|carte d'anniversaire|tarjeta de cumpleaños|誕生日カード", "balloons|confetti|bunting|kids party", "birthday ideas|party decor|baby shower", printed, light, 0, -1, "qrsp", paintParty},
	}},
}

package synth

func paintCitrus(c *canvas)        { paintFirst(c) }
func paintCake(c *canvas)          { paintFirst(c) }
func paintSushi(c *canvas)         { paintFirst(c) }
func paintCoffee(c *canvas)        { paintFirst(c) }
func paintFruit(c *canvas)         { paintFirst(c) }
func paintPlanet(c *canvas)        { paintFirst(c) }
func paintMoon(c *canvas)          { paintFirst(c) }
func paintStars(c *canvas)         { paintFirst(c) }
func paintConstellation(c *canvas) { paintFirst(c) }
func paintSneaker(c *canvas)       { paintFirst(c) }
func paintDress(c *canvas)         { paintFirst(c) }
func paintBag(c *canvas)           { paintFirst(c) }
func paintHat(c *canvas)           { paintFirst(c) }
func paintBook(c *canvas)          { paintFirst(c) }
func paintMatchbox(c *canvas)      { paintFirst(c) }
func paintStamp(c *canvas)         { paintFirst(c) }
func paintRecord(c *canvas)        { paintFirst(c) }
func paintAutumn(c *canvas)        { paintFirst(c) }
func paintWinter(c *canvas)        { paintFirst(c) }
func paintParty(c *canvas)         { paintFirst(c) }

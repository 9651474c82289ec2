package bowerbird_test

import (
	"encoding/json"
	"fmt"

	"bowerbird"
)

func ExampleEvent_Validate() {
	e := bowerbird.Event{ID: "e1", Kind: bowerbird.Save, User: "ann", Item: "lamp"}
	fmt.Println(e.Validate())
	e.Item = ""
	fmt.Println(e.Validate())
	// Output:
	// <nil>
	// item: is missing
}

func ExampleAttributes() {
	var a bowerbird.Attributes
	if err := json.Unmarshal([]byte(`{"price": 20, "material": ["oak", "brass"], "new": true}`), &a); err != nil {
		fmt.Println(err)
		return
	}
	b, _ := json.Marshal(a)
	fmt.Println(string(b))
	// Output: {"material":["oak","brass"],"new":"true","price":20}
}

package main

import (
	"fmt"
	"slices"
	"strings"

	"mini/build"
)

func withoutTools(all []build.Difference) []build.Difference {
	return slices.DeleteFunc(slices.Clone(all), func(d build.Difference) bool { return d.Kind == build.PartTool })
}

// tools tells what of the host is not as it was. One upgraded compiler is the cause of many steps: it is told once.
func (w *explainer) tools(causes []*build.Reason) {
	nodes := map[string][]string{} // by what changed
	for _, r := range causes {
		for _, change := range toolChanges(r.Differences) {
			nodes[change] = append(nodes[change], r.ID)
		}
	}
	byNodes := map[string][]string{}
	for _, change := range sortedKeys(nodes) {
		of := strings.Join(nodes[change], ", ")
		byNodes[of] = append(byNodes[of], change)
	}
	for _, of := range sortedKeys(byNodes) {
		w.say("\non this machine, for %s", of)
		for _, change := range byNodes[of] {
			w.say("    %s", change)
		}
	}
}

// toolChanges puts the parts of each compiler together.
func toolChanges(all []build.Difference) []string {
	parts := map[string][]string{}
	drivers := map[string]bool{}
	for _, d := range all {
		drivers[d.Name] = true
	}
	for _, d := range all {
		name, plain := strings.CutPrefix(d.Name, "tool:")
		if d.Kind != build.PartTool || plain && drivers["compiler:"+name+":driver"] { // told as a compiler
			continue
		}
		owner, part := toolName(d.Name)
		how := "changed"
		switch {
		case d.Name == "sandbox":
			how = "the sandbox was off and is on"
			if d.Is != "" {
				how = "the sandbox is off and was on"
			}
		case d.Was == "":
			how = "new"
		case d.Is == "":
			how = "not used any more"
		}
		key := how + "\x00" + owner
		parts[key] = append(parts[key], part)
	}
	var texts []string
	tools := map[string][]string{} // plain ones, by how
	for _, key := range sortedKeys(parts) {
		how, owner, _ := strings.Cut(key, "\x00")
		switch {
		case owner == "sandbox":
			texts = append(texts, how)
		case owner == "":
			tools[how] = parts[key]
		case how == "changed":
			texts = append(texts, fmt.Sprintf("%s changed (its %s): it was upgraded, or another one comes first on PATH", owner, strings.Join(parts[key], ", ")))
		case slices.Contains(parts[key], "driver") && how == "new":
			texts = append(texts, "the compiler "+owner+" is used now")
		case slices.Contains(parts[key], "driver"):
			texts = append(texts, "the compiler "+owner+" is not used any more")
		case how == "new":
			texts = append(texts, fmt.Sprintf("%s has parts that it had not: %s", owner, some(parts[key])))
		default:
			texts = append(texts, fmt.Sprintf("%s lacks parts that it had: %s", owner, some(parts[key])))
		}
	}
	for _, how := range sortedKeys(tools) {
		switch how {
		case "changed":
			texts = append(texts, "these programs changed: "+some(tools[how]))
		case "new":
			texts = append(texts, "these programs are used now: "+some(tools[how]))
		default:
			texts = append(texts, "these programs are not used any more: "+some(tools[how]))
		}
	}
	return texts
}

// toolName takes a property's name apart: "compiler:gcc:cc1" is part cc1 of gcc, "tool:ld" is the program ld.
func toolName(property string) (owner, part string) {
	kind, rest, _ := strings.Cut(property, ":")
	switch kind {
	case "compiler":
		owner, part, _ = strings.Cut(rest, ":")
		return owner, part
	case "tool", "library": // what programs load
		return "", rest
	}
	return property, rest
}

// some names the first of many.
func some(names []string) string {
	const most = 12
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

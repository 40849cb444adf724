// The renderer stands in for "helm template" in tests: it knows as much of Helm as the chart uses.
//
//	renderer -chart DIR [-release NAME] [-namespace NAME] [-f values.yaml]... [-print json|manifests|values|notes]
//	renderer -yaml FILE     the documents of a YAML file as a JSON array
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"sigs.k8s.io/yaml"
)

// rendered is an object and the template that it came from.
type rendered struct {
	Source string      `json:"source"`
	Object interface{} `json:"object"`
}

type paths []string

func (p *paths) String() string     { return strings.Join(*p, ",") }
func (p *paths) Set(s string) error { *p = append(*p, s); return nil }

func main() {
	var files paths
	folder := flag.String("chart", "", "folder of the chart")
	release := flag.String("release", "ci-runner-metrics", "name of the release")
	namespace := flag.String("namespace", "ci-runner-metrics", "namespace of the release")
	kind := flag.String("print", "json", "json, manifests, values or notes")
	document := flag.String("yaml", "", "YAML file to turn into JSON")
	flag.Var(&files, "f", "file of values (repeatable)")
	flag.Parse()

	out, err := "", error(nil)
	if *document != "" {
		out, err = documentsOf(*document)
	} else {
		out, err = run(*folder, *release, *namespace, files, *kind)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(out)
}

func run(folder, release, namespace string, files paths, kind string) (string, error) {
	values, err := readMap(filepath.Join(folder, "values.yaml"))
	if err != nil {
		return "", err
	}
	for _, file := range files {
		more, err := readMap(file)
		if err != nil {
			return "", err
		}
		coalesce(values, more)
	}
	if kind == "values" {
		return toJSON(values)
	}

	chart, err := readMap(filepath.Join(folder, "Chart.yaml"))
	if err != nil {
		return "", err
	}
	texts, err := render(folder, map[string]interface{}{
		"Values":       values,
		"Chart":        capitalised(chart),
		"Release":      map[string]interface{}{"Name": release, "Namespace": namespace, "Service": "Helm", "IsInstall": true, "IsUpgrade": false, "Revision": 1},
		"Capabilities": map[string]interface{}{"KubeVersion": map[string]interface{}{"Version": "v1.36.0", "Major": "1", "Minor": "36"}},
		"Files":        chartFiles{folder},
	})
	if err != nil {
		return "", err
	}
	if kind == "notes" {
		return texts["NOTES.txt"], nil
	}

	objects, err := objectsOf(texts)
	if err != nil {
		return "", err
	}
	if kind == "manifests" {
		return manifests(objects)
	}
	return toJSON(objects)
}

// objectsOf reads the documents of all templates, in the order of their names.
func objectsOf(texts map[string]string) ([]rendered, error) {
	names := []string{}
	for name := range texts {
		if name != "NOTES.txt" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	objects := []rendered{}
	for _, name := range names {
		found, err := documents(texts[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", name, err, texts[name])
		}
		for _, object := range found {
			objects = append(objects, rendered{name, object})
		}
	}
	return objects, nil
}

// manifests gives YAML with sorted keys, without what only Helm understands.
func manifests(objects []rendered) (string, error) {
	texts := []string{}
	for _, each := range objects {
		object := each.Object.(map[string]interface{})
		if annotations, ok := dig(object, "metadata", "annotations").(map[string]interface{}); ok && annotations["helm.sh/hook"] != nil {
			continue
		}
		withoutHelm(object)
		text, err := yaml.Marshal(object)
		if err != nil {
			return "", err
		}
		texts = append(texts, string(text))
	}
	return strings.Join(texts, "---\n"), nil
}

func withoutHelm(node interface{}) {
	switch node := node.(type) {
	case map[string]interface{}:
		if labels, ok := node["labels"].(map[string]interface{}); ok {
			delete(labels, "helm.sh/chart")
			delete(labels, "app.kubernetes.io/managed-by")
		}
		for _, child := range node {
			withoutHelm(child)
		}
	case []interface{}:
		for _, child := range node {
			withoutHelm(child)
		}
	}
}

func dig(node interface{}, keys ...string) interface{} {
	for _, key := range keys {
		object, ok := node.(map[string]interface{})
		if !ok {
			return nil
		}
		node = object[key]
	}
	return node
}

func documentsOf(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	found, err := documents(string(text))
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return toJSON(found)
}

func documents(text string) ([]interface{}, error) {
	found := []interface{}{}
	for _, document := range strings.Split("\n"+text, "\n---") {
		var object interface{}
		// Strict: a key that stands twice is a mistake.
		if err := yaml.UnmarshalStrict([]byte(document), &object, useNumber); err != nil {
			return nil, err
		}
		if object != nil {
			found = append(found, object)
		}
	}
	return found, nil
}

func useNumber(d *json.Decoder) *json.Decoder { d.UseNumber(); return d }

func readMap(file string) (map[string]interface{}, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	object := map[string]interface{}{}
	if err := yaml.UnmarshalStrict(text, &object, useNumber); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return object, nil
}

// coalesce lays values over others as Helm does: maps are joined, null takes a key away, anything else replaces.
func coalesce(base, over map[string]interface{}) {
	for key, value := range over {
		inner, isMap := value.(map[string]interface{})
		below, wasMap := base[key].(map[string]interface{})
		switch {
		case value == nil:
			delete(base, key)
		case isMap && wasMap:
			coalesce(below, inner)
		default:
			base[key] = value
		}
	}
}

func capitalised(chart map[string]interface{}) map[string]interface{} {
	names := map[string]interface{}{}
	for key, value := range chart {
		names[strings.ToUpper(key[:1])+key[1:]] = value
	}
	return names
}

func toJSON(value interface{}) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}

// chartFiles is .Files: what is in the chart beside templates.
type chartFiles struct{ folder string }

func (f chartFiles) Get(name string) string {
	text, err := os.ReadFile(filepath.Join(f.folder, name))
	if err != nil {
		return ""
	}
	return string(text)
}

func (f chartFiles) Glob(pattern string) map[string][]byte {
	found := map[string][]byte{}
	matches, _ := filepath.Glob(filepath.Join(f.folder, pattern))
	for _, match := range matches {
		if text, err := os.ReadFile(match); err == nil {
			name, _ := filepath.Rel(f.folder, match)
			found[path.Clean(name)] = text
		}
	}
	return found
}

var errNoTemplates = errors.New("the chart has no templates")

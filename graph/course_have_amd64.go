package graph

const haveCourse = true

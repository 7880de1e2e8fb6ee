package sandbox_test

func tryMain(args []string) int { return 0 }

